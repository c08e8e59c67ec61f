import { isGap, type LogEntry, type LogRow } from '#server/runs/model/log-entry.ts'

/** The newest rows of one run's log. Rows keep their numbers when older ones are dropped. */
export type RunLogBuffer = {
  push(entries: LogEntry[]): void
  /** Rows from this one on, at most about `max`, ending where a whole line ends. None where they were dropped. */
  read(row: number, max: number): LogRow[]
  /** Drops rows before this one. */
  dropBefore(row: number): void
  first(): number
  /** The number that the next row will have. */
  next(): number
  bytes(): number
}

const rowOverheadBytes = 200

/** `after`: the last row of what came before, wherever that is kept. */
export function createRunLogBuffer(after = 0): RunLogBuffer {
  let rows: LogRow[] = []
  let first = after + 1
  let bytes = 0
  return {
    push(entries) {
      for (const entry of entries) {
        const row = first + rows.length
        const placed = isGap(entry) ? { ...entry, row, rows: 1 } : { ...entry, row }
        rows.push(placed)
        bytes += sizeOf(placed)
      }
    },
    read(row, max) {
      const from = row - first
      if (from < 0) return []
      let to = Math.min(from + max, rows.length)
      while (to < rows.length && continues(rows[to])) to++
      return rows.slice(from, to)
    },
    dropBefore(row) {
      const cut = Math.min(Math.max(row - first, 0), rows.length)
      for (let at = 0; at < cut; at++) bytes -= sizeOf(rows[at])
      rows = rows.slice(cut)
      first += cut
    },
    first: () => first,
    next: () => first + rows.length,
    bytes: () => bytes,
  }
}

function continues(row: LogRow | undefined): boolean {
  return row !== undefined && !isGap(row) && row.continues === true
}

function sizeOf(row: LogRow | undefined): number {
  return row && 'text' in row ? row.text.length + rowOverheadBytes : rowOverheadBytes
}
