import type { BufferedLine } from './log-buffer.ts'

/** The index of a row, or of the first one after it: rows that can no longer be had are missing between others. */
export function indexOfRow(lines: readonly BufferedLine[], row: number): number {
  let from = 0
  let to = lines.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((lines[middle]?.row ?? 0) < row) from = middle + 1
    else to = middle
  }
  return from
}
