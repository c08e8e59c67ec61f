import { type AuditRecord, genesis, hashedText } from './audit-record.ts'

export type ChainHead = { seq: number; hash: string }

/**
 * The first place where the chain does not hold. `edited`: what the record says is not what was hashed. `removed`:
 * numbers are missing. `reordered`: the number inside is not that of the place. `inserted`: it does not follow from the
 * record before it, or lies beyond the head.
 */
export type ChainBreak = {
  seq: number
  kind: 'edited' | 'removed' | 'reordered' | 'inserted'
  message: string
}

export type ChainWalk = { at: ChainHead; broken?: ChainBreak }

/** Where a walk begins: before the first record, or at a record that was noted elsewhere as being right. */
export function chainStart(anchor: ChainHead = { seq: 0, hash: genesis }): ChainWalk {
  return { at: anchor }
}

/** Goes on over the next records in the order of their places; stops at the first break. */
export function walkChain(
  walk: ChainWalk,
  records: readonly AuditRecord[],
  sha256: (text: string) => string,
): ChainWalk {
  let { at } = walk
  if (walk.broken) return walk
  for (const record of records) {
    const broken = breakAt(at, record, sha256)
    if (broken) return { at, broken }
    at = { seq: record.seq, hash: record.hash }
  }
  return { at }
}

/** After the last record: the head says how far the chain went, so that a cut end shows as well. */
export function endChain(walk: ChainWalk, head: ChainHead): ChainWalk {
  const { at, broken } = walk
  if (broken) return walk
  if (at.seq < head.seq) {
    const message = `Records ${at.seq + 1} to ${head.seq} are missing at the end.`
    return { at, broken: { seq: at.seq + 1, kind: 'removed', message } }
  }
  if (at.seq > head.seq) {
    const message = `The chain ended at ${head.seq}: what lies beyond was put in by hand.`
    return { at, broken: { seq: head.seq + 1, kind: 'inserted', message } }
  }
  if (at.hash !== head.hash) {
    const message = `Record ${at.seq} is not the one with which the chain ended.`
    return { at, broken: { seq: at.seq, kind: 'edited', message } }
  }
  return walk
}

function breakAt(
  before: ChainHead,
  { seq, previous, hash, content }: AuditRecord,
  sha256: (text: string) => string,
): ChainBreak | undefined {
  if (seq !== before.seq + 1) {
    const missing = before.seq + 1
    const which =
      missing === seq - 1 ? `Record ${missing} is` : `Records ${missing} to ${seq - 1} are`
    return { seq: missing, kind: 'removed', message: `${which} missing.` }
  }
  if (content.seq !== seq) {
    const message = `The record at place ${seq} was written as number ${content.seq}: it was moved, or others were put in or taken out before it.`
    return { seq, kind: 'reordered', message }
  }
  if (sha256(hashedText(previous, content)) !== hash) {
    return {
      seq,
      kind: 'edited',
      message: `Record ${seq} is not what was hashed when it was written.`,
    }
  }
  if (previous !== before.hash) {
    const message = `Record ${seq} does not follow from record ${before.seq}.`
    return { seq, kind: 'inserted', message }
  }
  return undefined
}
