import { isGap, type LogRow } from '#server/runs/model/log-entry.ts'
import { timeStampOf } from '#server/runs/model/merge-rows.ts'

/** After a line of a run's log. `row` says where that line was, for whoever has the same numbering. */
export type RunCursor = { step: string; at: string; count: number; row?: number }

/** `step@timestamp#count~row`: the id of the event that ended with this line. */
export function formatRunCursor({ step, at, count, row }: RunCursor): string {
  return `${step}@${at}#${count}${row ? `~${row}` : ''}`
}

export function parseRunCursor(text: string | undefined): RunCursor | undefined {
  const match = /^([a-z0-9][-a-z0-9]*)@(\d{4}-\S{10,40})#([1-9]\d{0,9})(?:~([1-9]\d{0,9}))?$/.exec(
    text ?? '',
  )
  const [, step = '', at = '', count = '', row] = match ?? []
  if (!match || Number.isNaN(Date.parse(at))) return undefined
  return { step, at, count: Number(count), ...(row ? { row: Number(row) } : {}) }
}

/** After a line of one of several logs, and after so many rows behind it that are not there. */
export type PartCursor = { line?: RunCursor; gap: number }

/** By the part that it is of: `all:prepare=step@timestamp#count~row,steps=…+gap`. */
export type MergedCursor = ReadonlyMap<string, PartCursor>

const mergedPrefix = 'all:'

export function formatMergedCursor(cursor: MergedCursor): string {
  const parts = [...cursor].map(
    ([part, { line, gap }]) =>
      `${part}=${line ? formatRunCursor(line) : ''}${gap > 0 ? `+${gap}` : ''}`,
  )
  return mergedPrefix + parts.join(',')
}

export function parseMergedCursor(text: string | undefined): MergedCursor | undefined {
  if (!text?.startsWith(mergedPrefix)) return undefined
  const cursor = new Map<string, PartCursor>()
  for (const written of text.slice(mergedPrefix.length).split(',')) {
    const [, part = '', at, gap = '0'] =
      /^([^=]*)=([^+]*)(?:\+([1-9]\d{0,9}))?$/.exec(written) ?? []
    const line = parseRunCursor(at)
    if (!line && (at !== '' || gap === '0')) return undefined
    cursor.set(part, { line, gap: Number(gap) })
  }
  return cursor
}

export function isAtCursor(row: LogRow, cursor: RunCursor): boolean {
  return (
    !isGap(row) && row.step === cursor.step && row.at === cursor.at && row.count === cursor.count
  )
}

const toleranceMs = 1_000
const heldMax = 10_000

/**
 * Drops what a reader that came back has seen already. Lines stand in the same order in every process, so what follows
 * the line of the cursor is new, whatever its timestamp. Younger lines are held back until that line comes, as clocks of
 * two writers may differ a little; where it does not come, they are new.
 */
export function resumeAfterRow(cursor: RunCursor) {
  let state: 'before' | 'at' | 'after' = 'before'
  let held: LogRow[] = []
  const seen = timeStampOf(cursor.at)
  const lateMs = Date.parse(cursor.at) + toleranceMs

  function release(): LogRow[] {
    const rows = held
    held = []
    if (rows.length > 0) state = 'after'
    return rows
  }

  return {
    push(rows: LogRow[]): LogRow[] {
      if (state === 'after') return rows
      for (const [index, row] of rows.entries()) {
        // All pieces of a line have its place.
        if (isAtCursor(row, cursor)) {
          state = 'at'
          held = []
        } else if (state === 'at') {
          state = 'after'
          return rows.slice(index)
        } else if (!isGap(row) && (held.length > 0 || timeStampOf(row.at) > seen)) {
          held.push(row)
          if (Date.parse(row.at) > lateMs || held.length > heldMax) {
            return [...release(), ...rows.slice(index + 1)]
          }
        }
      }
      return []
    },
    isHolding: () => held.length > 0,
    /** Nothing more is coming for now: what is held is new. */
    release,
  }
}
