import { writeFile } from 'node:fs/promises'
import { bindPlanSchema, parseSealed } from '#server/domain/plan.ts'
import { writeReceipt } from '#server/domain/run-result.ts'
import { askModels, askToken } from './ask-gateway.ts'
import { say, sayOnce } from './say.ts'
import { stepArgs } from './step-args.ts'
import { until } from './until.ts'

/** Uses the alias as the tenant will, by its full name, until it gives one token; the receipt says what it saw. */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const given = stepArgs(args, [
    'plan',
    'digest',
    'run',
    'token-file',
    'receipt-file',
    'timeout-seconds',
  ])
  const plan = parseSealed(bindPlanSchema, given.plan, given.digest)
  const { namespace, name } = plan.binding
  const speaker = { binding: `${namespace}/${name}`, tokenFile: given['token-file'], signal }
  say(`Asking ${plan.address} on behalf of ${namespace}/${name}`)

  const again = sayOnce()
  const receipt = await until(
    {
      seconds: Number(given['timeout-seconds']),
      signal,
      onReason: (reason) => again(`Not yet: ${reason}`),
    },
    async () => {
      const models = await askModels(plan.address, speaker)
      if (typeof models === 'string') return models
      if (models.status !== 200) return `it answers ${models.status} ${models.said}`
      const model = models.models.includes(plan.modelService.model)
        ? plan.modelService.model
        : models.models[0]
      if (model === undefined) return 'it serves no model'
      again(`It serves ${models.models.join(', ')}`)
      const token = await askToken(plan.address, model, speaker)
      if (typeof token === 'string') return token
      return { at: new Date().toISOString(), address: plan.address, model, ...token }
    },
  )
  say(`The first token came after ${receipt.firstTokenMs} ms.`)
  await writeFile(given['receipt-file'], writeReceipt(receipt))
  say(`Pods of ${namespace} call http://${plan.grant.alias}:${new URL(plan.address).port}`)
}
