import { timestamp } from '#server/access/model/conditions.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import type { EndProof, Receipt, Statement } from '#server/access/model/receipt.ts'
import { verifyStatement } from '#server/access/reconciler/statement-signature.ts'
import { ConfigMap } from '#server/platform/kube/kinds.ts'
import type { ObjectMeta } from '#server/platform/model/kubernetes.ts'
import { receiptKeysConfigMap } from '#server/platform/model/names.ts'
import type { BindingStep } from './binding-step.ts'
import type { ControllerContext } from './load-binding-state.ts'

type Recording = Extract<BindingStep, { step: `record-${string}` }>

/**
 * The step with its receipt checked against the keys that the cluster publishes. Where it publishes some, what is not
 * signed with one of them makes nothing Ready: somebody else may have written the run's result.
 */
export async function verifyReceipt(
  ctx: Pick<ControllerContext, 'kube' | 'now' | 'servingNamespace'>,
  binding: ModelBinding,
  step: Recording,
): Promise<Recording> {
  if (step.step === 'record-success') {
    const keys = await findReceiptKeys(ctx)
    if (!keys) return step
    const { receipt } = step
    const result = verifyStatement(accessStatement(binding, receipt), keys)
    if (result === 'verified') return { ...step, receipt: verifiedNow(receipt, ctx.now()) }
    const message = `The receipt of run ${receipt.run} is not to be trusted: ${words[result]}.`
    return { step: 'record-failure', reason: 'ReceiptNotTrusted', message }
  }
  if (step.step === 'record-proof' && step.proof) {
    const keys = await findReceiptKeys(ctx)
    const { proof } = step
    if (!keys || verifyStatement(endStatement(binding, proof), keys) !== 'verified') return step
    return { ...step, proof: verifiedNow(proof, ctx.now()) }
  }
  return step
}

export const words = {
  unsigned: 'it is not signed',
  'unknown-key': 'it is signed with a key that the cluster does not publish',
  forged: 'its signature does not hold',
} as const

export function accessStatement(binding: { metadata: ObjectMeta }, seen: Receipt): Statement {
  return { type: 'access', binding: subjectOf(binding), seen: unchecked(seen) }
}

export function endStatement(binding: { metadata: ObjectMeta }, seen: EndProof): Statement {
  return { type: 'end', binding: subjectOf(binding), seen: unchecked(seen) }
}

/** PEM texts; undefined where the cluster publishes none. */
export async function findReceiptKeys(
  ctx: Pick<ControllerContext, 'kube' | 'servingNamespace'>,
): Promise<string[] | undefined> {
  const ref = { namespace: ctx.servingNamespace, name: receiptKeysConfigMap }
  const keys = await ctx.kube.find(ConfigMap, ref)
  return keys && Object.values(keys.data ?? {})
}

function subjectOf({ metadata }: { metadata: ObjectMeta }): Statement['binding'] {
  const { namespace = '', name, uid = '' } = metadata
  return { namespace, name, uid }
}

/** As the run wrote it: what the controller added is no part of what was signed. */
function unchecked<T extends Receipt | EndProof>(seen: T): T {
  if (!seen.signature) return seen
  const { verifiedAt: _checked, ...signature } = seen.signature
  return { ...seen, signature }
}

function verifiedNow<T extends Receipt | EndProof>(seen: T, now: Date): T {
  if (!seen.signature) return seen
  return { ...seen, signature: { ...seen.signature, verifiedAt: timestamp(now) } }
}
