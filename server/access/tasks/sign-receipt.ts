import { readFile } from 'node:fs/promises'
import type { BindPlan, UnbindPlan } from '#server/access/model/plan.ts'
import type { EndProof, Receipt, Statement } from '#server/access/model/receipt.ts'
import { signStatement } from '#server/access/reconciler/statement-signature.ts'
import { logStep } from '#server/platform/step/step-log.ts'

/** What a step saw, signed with the key that the Secret bindery-receipt-key mounts; unsigned where there is none. */
export async function signReceipt<T extends Receipt | EndProof>(
  seen: T,
  type: Statement['type'],
  plan: BindPlan | UnbindPlan,
  keyFile: string,
): Promise<T> {
  const key = await readKey(keyFile)
  if (key === undefined) {
    logStep('The cluster has no key for receipts: this one is not signed.')
    return seen
  }
  const signature = signStatement({ type, binding: plan.binding, seen }, key)
  logStep(`Signed with key ${signature.key}`)
  return { ...seen, signature }
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
