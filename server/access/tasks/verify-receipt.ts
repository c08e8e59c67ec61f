import {
  accessStatement,
  endStatement,
  findReceiptKeys,
  words,
} from '#server/access/machine/verify-receipt.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import type { Statement } from '#server/access/model/receipt.ts'
import { verifyStatement } from '#server/access/reconciler/statement-signature.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { stepArgs } from '#server/platform/step/step-args.ts'
import { logStep } from '#server/platform/step/step-log.ts'

/** For people at a terminal: whether what a binding keeps was signed with a key of the cluster and not touched since. */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const given = stepArgs(args, ['binding', 'serving-namespace'])
  const [namespace = '', name = ''] = given.binding.split('/')
  await verifyReceipt(connectKube({ signal }), { namespace, name }, given['serving-namespace'])
}

export async function verifyReceipt(
  kube: Kube,
  ref: { namespace: string; name: string },
  servingNamespace: string,
): Promise<void> {
  const binding = await kube.get(ModelBinding, ref)
  const { receipt, end } = binding.status ?? {}
  const statements: Statement[] = []
  if (receipt) statements.push(accessStatement(binding, receipt))
  if (end?.proof) statements.push(endStatement(binding, end.proof))
  if (statements.length === 0) {
    throw new AppError('not-found', `${ref.namespace}/${ref.name} keeps no receipt and no proof.`)
  }
  const keys = (await findReceiptKeys({ kube, servingNamespace })) ?? []
  for (const statement of statements) {
    const what = statement.type === 'access' ? 'Receipt' : 'Proof of the end'
    const about = `${what} of ${ref.namespace}/${ref.name}, ${statement.seen.run}`
    const result = verifyStatement(statement, keys)
    if (result !== 'verified') throw new AppError('unprocessable', `${about}: ${words[result]}.`)
    logStep(`${about}: holds, signed with key ${statement.seen.signature?.key}`)
  }
}
