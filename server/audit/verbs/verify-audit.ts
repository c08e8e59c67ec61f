import type { AuditStore } from '#server/audit/audit-store.ts'
import { sha256 } from '#server/audit/audit-store.ts'
import {
  type ChainHead,
  type ChainWalk,
  chainStart,
  endChain,
  walkChain,
} from '#server/audit/model/verify-chain.ts'

/** `unchecked`: the anchor lies before the beginning, and its record is not there any more. */
export type Verification = ChainWalk & { head: ChainHead; records: number; unchecked?: ChainHead }

/**
 * Reads the whole chain, or what follows `after`, and says where it first breaks. An `anchor` is a record whose hash was
 * noted elsewhere: against somebody who wrote the whole chain anew nothing else helps. One that lies at or before `after`
 * is where reading begins, as long as its record is kept.
 */
export async function verifyAudit(
  store: Pick<AuditStore, 'readAudit' | 'listAudit'>,
  options: { after?: ChainHead; anchor?: ChainHead; signal?: AbortSignal } = {},
): Promise<Verification> {
  const { after, anchor, signal } = options
  const { start, unchecked } = await beginningOf(store, after, anchor)
  const noted = [after, anchor].filter((one) => one !== undefined)
  let walk = unequal(start, noted) ?? chainStart(start)
  let head: ChainHead = start
  for await (const page of store.readAudit(start.seq)) {
    signal?.throwIfAborted()
    head = page.head
    for (const record of page.records) {
      walk = walkChain(walk, [record], sha256)
      if (!walk.broken) walk = unequal(walk.at, noted) ?? walk
    }
    if (walk.broken) break
  }
  walk = endChain(walk, head)
  if (!walk.broken && anchor && anchor.seq > head.seq) {
    const message = `Record ${anchor.seq}, whose hash was noted, is not there: the chain ends at ${head.seq}.`
    walk = { ...walk, broken: { seq: head.seq + 1, kind: 'removed', message } }
  }
  return { ...walk, head, records: walk.at.seq - start.seq, unchecked }
}

/** Behind `after`, or before the anchor's own record where that is older and still there. */
async function beginningOf(
  store: Pick<AuditStore, 'listAudit'>,
  after: ChainHead | undefined,
  anchor: ChainHead | undefined,
): Promise<{ start: ChainHead; unchecked?: ChainHead }> {
  const start = chainStart(after).at
  if (!anchor || anchor.seq > start.seq) return { start }
  const [record] = await store.listAudit({}, { before: anchor.seq + 1, limit: 1 })
  if (record?.seq === anchor.seq) return { start: { seq: record.seq - 1, hash: record.previous } }
  return anchor.seq === start.seq ? { start } : { start, unchecked: anchor }
}

/** A break where something else was noted of the record at which a walk has arrived. */
function unequal(at: ChainHead, noted: ChainHead[]): ChainWalk | undefined {
  if (noted.every(({ seq, hash }) => seq !== at.seq || hash === at.hash)) return undefined
  const message = `Record ${at.seq} is not the one whose hash was noted.`
  return { at, broken: { seq: at.seq, kind: 'edited', message } }
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
