import { writeFile } from 'node:fs/promises'
import { parseSealed, type UnbindPlan, unbindPlanSchema } from '#server/domain/plan.ts'
import { connectKube } from '#server/kube/connect-kube.ts'
import type { Kube } from '#server/kube/kube.ts'
import { askModels, type Speaker } from './ask-gateway.ts'
import { lookAt, nameOf } from './remove-targets.ts'
import { say, sayOnce } from './say.ts'
import { stepArgs } from './step-args.ts'
import { until } from './until.ts'

/** Looks whether access is really gone: no object of the binding is left, and the gateway refuses. */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const given = stepArgs(args, ['plan', 'digest', 'token-file', 'proof-file', 'timeout-seconds'])
  const plan = parseSealed(unbindPlanSchema, given.plan, given.digest)
  const { namespace, name } = plan.binding
  const speaker = { binding: `${namespace}/${name}`, tokenFile: given['token-file'], signal }
  const kube = connectKube({ signal })
  const again = sayOnce()
  const onReason = (reason: string) => again(`Not yet: ${reason}`)
  const waiting = { seconds: Number(given['timeout-seconds']), signal, onReason }

  await until(waiting, async () => (await stillThere(kube, plan)) ?? {})
  say('No object of the binding is left.')
  const { gateway } = plan
  const refusal = gateway
    ? await until(waiting, () => refusalOf(gateway, speaker))
    : { refused: 'the model service is gone' }
  say(`The gateway refuses: ${refusal.refused}`)

  const proof = { at: new Date().toISOString(), gateway, refused: refusal.refused.slice(0, 300) }
  await writeFile(given['proof-file'], JSON.stringify(proof))
  say(`Access of ${namespace}/${name} is gone.`)
}

async function stillThere(kube: Kube, plan: UnbindPlan): Promise<string | undefined> {
  for (const target of plan.remove) {
    if (typeof (await lookAt(kube, plan, target)) === 'object') {
      return `${nameOf(target)} is still there`
    }
  }
  return undefined
}

async function refusalOf(gateway: string, speaker: Speaker): Promise<{ refused: string } | string> {
  const answer = await askModels(gateway, speaker)
  if (typeof answer === 'string') return `the gateway: ${answer}`
  // 401 would mean that our own token was not heard, which proves nothing about the binding.
  if (answer.status === 403 || answer.status === 404) {
    return { refused: `${answer.status} ${answer.said}` }
  }
  return answer.status === 200
    ? 'the gateway still lets the binding through'
    : `the gateway answers ${answer.status} ${answer.said}`
}
