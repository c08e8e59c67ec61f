import type { LogGap } from '#server/runs/views/run-log-views.ts'
import { isGap, type LogRow } from './log-entry.ts'

/** One of several logs that are shown as one: what of it is read and not placed yet. */
export type MergePart = {
  rows: LogRow[]
  /** What still comes of it stands behind this; `overStamp` where nothing comes. */
  until: string
  /** Where its last row was placed; empty at its beginning. */
  stamp: string
}

/** After every stamp. */
export const overStamp = '~'

/** After this stamp, and before every other that is later. */
export function rightAfter(stamp: string): string {
  return `${stamp}~`
}

/** The last stamp that rows of these wait to be placed with; undefined where none waits. */
export function lastStamp(parts: readonly MergePart[]): string | undefined {
  let last: string | undefined
  for (const { rows, stamp } of parts) {
    let own = stamp
    for (const row of rows) if (!isGap(row)) own = laterOf(own, stampOf(row))
    if (rows.some((row) => !isGap(row)) && (last === undefined || own > last)) last = own
  }
  return last
}

export type MergedRow = { part: number; row: LogRow }

/**
 * Takes from the parts what can be placed for certain, at most about `max` rows: attempt after attempt, as each has a pod
 * and perhaps a clock of its own, and in the order of time; the earlier part goes first at the same instant. Rows of one
 * part keep their order, whatever their times, and the pieces of a line stay together: the result is the same however the
 * rows came.
 */
export function takeMerged(parts: readonly MergePart[], max: number): MergedRow[] {
  const taken: MergedRow[] = []
  const at = parts.map(() => 0)
  while (taken.length < max) {
    const heads = parts.map((part, index) => headStamp(part, at[index] ?? 0))
    let first: number | undefined
    for (const [index, own] of heads.entries()) {
      if (own !== undefined && (first === undefined || own < (heads[first] ?? ''))) first = index
    }
    const part = first === undefined ? undefined : parts[first]
    if (first === undefined || !part) break
    const before = first
    const stamp = heads[first] ?? ''
    const isOpen = parts.some(
      (one, other) => heads[other] === undefined && mayPrecede(one, other < before, stamp),
    )
    if (isOpen) break
    part.stamp = stamp
    do {
      const row = part.rows[at[first] ?? 0]
      if (row) taken.push({ part: first, row })
      at[first] = (at[first] ?? 0) + 1
    } while (goesOn(part.rows[at[first] ?? 0]))
  }
  for (const [part, count] of at.entries()) parts[part]?.rows.splice(0, count)
  return taken
}

/** Whether what still comes of a part may belong before a row with this stamp. */
function mayPrecede({ until, stamp }: MergePart, isEarlier: boolean, than: string): boolean {
  const next = laterOf(stamp, until)
  return next < than || (next === than && isEarlier)
}

function goesOn(row: LogRow | undefined): boolean {
  return row !== undefined && !isGap(row) && row.continues === true
}

/**
 * Where the next row of a part belongs; undefined where nobody knows yet. What is missing has no time of its own: it
 * stands right before the line that follows it, or at the end of its attempt.
 */
function headStamp({ rows, stamp, until }: MergePart, at: number): string | undefined {
  const head = rows[at]
  if (!head) return undefined
  if (!isGap(head)) return laterOf(stamp, stampOf(head))
  let next = at
  for (let row = rows[next]; row && isGap(row); row = rows[next]) next++
  const line = rows[next]
  const end = `${attemptOf(head)} ${overStamp}`
  if (!line && until < end) return undefined
  const follows = line && !isGap(line) ? stampOf(line) : overStamp
  return laterOf(stamp, follows < end ? follows : end)
}

/** What has an earlier time than the row before it in its part stands right behind that. */
function laterOf(stamp: string, own: string): string {
  return own > stamp ? own : stamp
}

/** Comparable as text: the attempt, then the time with its fraction filled up to nanoseconds. */
function stampOf(row: Exclude<LogRow, LogGap>): string {
  return `${attemptOf(row)} ${timeStampOf(row.at)}`
}

function attemptOf({ attempt = 1 }: LogRow): string {
  return String(attempt).padStart(4, '0')
}

/** Comparable as text: the fraction of a second filled up to nanoseconds. */
export function timeStampOf(at: string): string {
  const match = /^(.{19})(?:\.(\d+))?/.exec(at)
  return `${match?.[1] ?? ''}.${(match?.[2] ?? '').padEnd(9, '0')}`
}
