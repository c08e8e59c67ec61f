import { ModelBinding } from '#server/domain/access/model-binding.ts'
import type { Statement } from '#server/domain/access/receipt.ts'
import { AppError } from '#server/domain/errors.ts'
import { connectKube } from '#server/kube/connect-kube.ts'
import type { Kube } from '#server/kube/kube.ts'
import { verifyStatement } from '#server/usecases/access/statement-signature.ts'
import {
  accessStatement,
  endStatement,
  findReceiptKeys,
  words,
} from '#server/usecases/access/verified-step.ts'
import { say } from './say.ts'
import { stepArgs } from './step-args.ts'

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
    say(`${about}: holds, signed with key ${statement.seen.signature?.key}`)
  }
}
