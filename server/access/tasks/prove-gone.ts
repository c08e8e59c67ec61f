import { writeFile } from 'node:fs/promises'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { parseSealed, type UnbindPlan, unbindPlanSchema } from '#server/access/model/plan.ts'
import type { AccessCheck, EndProof } from '#server/access/model/receipt.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { allSettled } from '#server/platform/step/all-settled.ts'
import { stepArgs } from '#server/platform/step/step-args.ts'
import { createStepLog, logStep } from '#server/platform/step/step-log.ts'
import { pollUntil } from '#server/platform/time/poll-until.ts'
import { askModels, type ModelsAnswer, type Speaker } from './ask-gateway.ts'
import { round } from './check-access.ts'
import { lookAt, nameOf } from './remove-targets.ts'
import { signReceipt } from './sign-receipt.ts'
import { tryFromTenant } from './try-from-tenant.ts'

/** Looks whether access is really gone: no object of the binding is left, and the gateway refuses. */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const given = stepArgs(args, [
    'plan',
    'digest',
    'run',
    'namespace',
    'token-file',
    'key-file',
    'proof-file',
    'timeout-seconds',
  ])
  const plan = parseSealed(unbindPlanSchema, given.plan, given.digest)
  const { namespace, name } = plan.binding
  const speaker = { binding: `${namespace}/${name}`, tokenFile: given['token-file'], signal }
  const kube = connectKube({ signal })
  const again = createStepLog()
  const onReason = (reason: string) => again(`Not yet: ${reason}`)
  const waiting = { seconds: Number(given['timeout-seconds']), signal, onReason }

  const lookedMs = performance.now()
  await pollUntil(waiting, async () => (await stillThere(kube, plan)) ?? {})
  logStep('No object of the binding is left.')
  const left: AccessCheck = {
    check: 'nothing-left',
    ms: round(performance.now() - lookedMs),
    saw: `${plan.remove.length} objects are not there`,
  }

  const askedMs = performance.now()
  const { gateway, model = '' } = plan
  const gone: ModelsAnswer = { status: 0, models: [], said: 'the model service is gone' }
  const asked = { expect: 'refusal' as const, model, servingNamespace: given.namespace }
  const [refusal, ...tenant] = gateway
    ? await allSettled(
        pollUntil(waiting, () => refusalOf(gateway, speaker)),
        tryFromTenant(kube, plan, { ...asked, address: gateway }, signal),
      )
    : [gone]
  const refused = refusal.status ? `${refusal.status} ${refusal.said}` : refusal.said
  logStep(`The gateway refuses: ${refused}`)

  const end = await endOf(kube, plan)
  const proof: EndProof = {
    run: given.run,
    at: new Date().toISOString(),
    gateway,
    refused: refused.slice(0, 300),
    ...timesOf(refusal, end),
    digest: given.digest,
    checks: [
      left,
      { check: 'refused', ms: round(performance.now() - askedMs), saw: refused.slice(0, 200) },
      ...tenant,
    ],
  }
  if (proof.cutMs !== undefined) {
    logStep(
      `Refused ${proof.cutMs} ms after the end was asked for; ${proof.cutAnswers} answers cut.`,
    )
  }
  const { run: _run, ...signed } = await signReceipt(proof, 'end', plan, given['key-file'])
  await writeFile(given['proof-file'], JSON.stringify(signed))
  logStep(`Access of ${namespace}/${name} is gone.`)
}

async function stillThere(kube: Kube, plan: UnbindPlan): Promise<string | undefined> {
  for (const target of plan.remove) {
    if (typeof (await lookAt(kube, plan, target)) === 'object') {
      return `${nameOf(target)} is still there`
    }
  }
  return undefined
}

async function refusalOf(gateway: string, speaker: Speaker): Promise<ModelsAnswer | string> {
  const answer = await askModels(gateway, speaker)
  if (typeof answer === 'string') return `the gateway: ${answer}`
  // 401 would mean that our own token was not heard, which proves nothing about the binding.
  if (answer.status === 403 || answer.status === 404) return answer
  return answer.status === 200
    ? 'the gateway still lets the binding through'
    : `the gateway answers ${answer.status} ${answer.said}`
}

/** When the end was asked for; undefined where the binding is gone already, as of what was left behind. */
async function endOf(kube: Kube, { binding }: UnbindPlan): Promise<string | undefined> {
  const live = await kube.find(ModelBinding, binding)
  return live?.metadata.uid === binding.uid ? live.status?.end?.at : undefined
}

function timesOf(
  { refusedSince, cutAnswers }: ModelsAnswer,
  askedAt: string | undefined,
): Partial<EndProof> {
  if (!askedAt || !refusedSince) return { askedAt }
  const cutMs = Math.max(0, Date.parse(refusedSince) - Date.parse(askedAt))
  return { askedAt, refusedSince, cutMs, cutAnswers }
}
