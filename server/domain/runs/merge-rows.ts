import { isGap, type LogRow } from './log-entry.ts'

/** One of several logs that are shown as one: what of it is read and not placed yet. */
export type MergePart = {
  rows: LogRow[]
  /** What still comes of it is not older than this; `overStamp` where nothing comes. */
  until: string
  /** When its last row was placed that had a time; empty at its beginning. */
  stamp: string
}

/** After every stamp. */
export const overStamp = '~'

export type MergedRow = { part: number; row: LogRow }

/**
 * Takes from the parts what can be placed for certain, at most about `max` rows, in the order of time; the earlier part
 * goes first at the same instant. Rows of one part keep their order, whatever their times, and the pieces of a line stay
 * together: the result is the same however the rows came.
 */
export function takeMerged(parts: readonly MergePart[], max: number): MergedRow[] {
  const taken: MergedRow[] = []
  const at = parts.map(() => 0)
  const head = (part: number) => parts[part]?.rows[at[part] ?? 0]
  while (taken.length < max) {
    let first: number | undefined
    let firstStamp = ''
    for (const [part, { stamp }] of parts.entries()) {
      const row = head(part)
      if (!row) continue
      const own = laterOf(stamp, row)
      if (first === undefined || own < firstStamp) {
        first = part
        firstStamp = own
      }
    }
    const part = first === undefined ? undefined : parts[first]
    if (first === undefined || !part) break
    const before = first
    if (parts.some((one, other) => !head(other) && mayPrecede(one, other < before, firstStamp)))
      break
    part.stamp = firstStamp
    do {
      const row = head(first)
      if (row) taken.push({ part: first, row })
      at[first] = (at[first] ?? 0) + 1
    } while (goesOn(head(first)))
  }
  for (const [part, count] of at.entries()) parts[part]?.rows.splice(0, count)
  return taken
}

/** Whether what still comes of a part may belong before a row with this stamp. */
function mayPrecede({ until, stamp }: MergePart, isEarlier: boolean, than: string): boolean {
  const next = until > stamp ? until : stamp
  return next < than || (next === than && isEarlier)
}

function goesOn(row: LogRow | undefined): boolean {
  return row !== undefined && !isGap(row) && row.continues === true
}

/** What has no time of its own, or an earlier one, stands right behind what came before it. */
function laterOf(stamp: string, row: LogRow): string {
  const own = isGap(row) ? stamp : stampOf(row.at)
  return own > stamp ? own : stamp
}

/** Comparable as text: the fraction of a second filled up to nanoseconds. */
export function stampOf(at: string): string {
  const match = /^(.{19})(?:\.(\d+))?/.exec(at)
  return `${match?.[1] ?? ''}.${(match?.[2] ?? '').padEnd(9, '0')}`
}
