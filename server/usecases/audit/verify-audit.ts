import {
  type ChainHead,
  type ChainWalk,
  chainStart,
  endChain,
  walkChain,
} from '#server/domain/audit/verify-chain.ts'
import { AppError } from '#server/domain/errors.ts'
import type { AuditStore } from '#server/store/audit-store.ts'
import { sha256 } from '#server/store/audit-store.ts'

export type Verification = ChainWalk & { head: ChainHead; records: number }

/**
 * Reads the whole chain, or what follows `after`, and says where it first breaks. An `anchor` is a record whose hash was
 * noted elsewhere: against somebody who wrote the whole chain anew nothing else helps.
 */
export async function verifyAudit(
  store: Pick<AuditStore, 'readAudit'>,
  options: { after?: ChainHead; anchor?: ChainHead; signal?: AbortSignal } = {},
): Promise<Verification> {
  const { after, anchor, signal } = options
  const start = chainStart(after)
  let walk = start
  let head: ChainHead = walk.at
  for await (const page of store.readAudit(walk.at.seq)) {
    signal?.throwIfAborted()
    head = page.head
    const anchored = page.records.find(({ seq }) => seq === anchor?.seq)
    walk = walkChain(walk, page.records, sha256)
    if (!walk.broken && anchored && anchored.hash !== anchor?.hash) {
      const message = `Record ${anchored.seq} is not the one whose hash was noted.`
      walk = { ...walk, broken: { seq: anchored.seq, kind: 'edited', message } }
    }
    if (walk.broken) break
  }
  if (!walk.broken && anchor && anchor.seq > head.seq) {
    throw new AppError('bad-request', `There is no record ${anchor.seq}.`)
  }
  walk = endChain(walk, head)
  return { ...walk, head, records: walk.at.seq - start.at.seq }
}

/** The next records after this place, no more than so many; `ended` where these are the last. */
export async function verifyAuditPart(
  store: Pick<AuditStore, 'readAudit'>,
  after: ChainHead,
  recordsMax: number,
): Promise<ChainWalk & { ended: boolean; records: number }> {
  let walk = chainStart(after)
  for await (const { head, records } of store.readAudit(after.seq)) {
    if (records.length === 0) walk = endChain(walk, head)
    else walk = walkChain(walk, records, sha256)
    const read = walk.at.seq - after.seq
    if (walk.broken || records.length === 0) return { ...walk, ended: true, records: read }
    if (read >= recordsMax) return { ...walk, ended: false, records: read }
  }
  return { ...walk, ended: true, records: walk.at.seq - after.seq }
}
