import type { BufferedLine } from '#components/runs/log/log-buffer.ts'
import type { Level } from '#components/runs/log/log-level.ts'

export type RowFilter = {
  /** One step alone. */
  step?: string
  /** Lines of these levels; undefined lets all through. */
  levels?: ReadonlySet<Level>
  /** Only lines that are JSON objects. */
  json: boolean
  /** Folds that are shut, by the number of the line that opens them. */
  shut: ReadonlySet<number>
  /** Only these, by their index: what a search found. */
  only?: readonly number[]
}

/** The lines that are shown, each by its index in the buffer, ascending. */
export type VisibleRows = {
  count: number
  indexAt(row: number): number
  /** The row of a line, or of the first one after it. */
  rowOf(index: number): number
}

/** Follows a growing list; while the filter stays the same object, each call looks only at the lines that are new. */
export function createVisibleRows() {
  let filter: RowFilter | undefined
  let source: readonly BufferedLine[] | undefined
  let seen = 0
  let kept: number[] = []

  return function visibleRows(lines: readonly BufferedLine[], wanted: RowFilter): VisibleRows {
    if (wanted !== filter || lines !== source || lines.length < seen) {
      filter = wanted
      source = lines
      seen = 0
      kept = []
    }
    if (wanted.only) {
      for (; seen < wanted.only.length; seen++) {
        const index = wanted.only[seen] ?? 0
        if (index >= lines.length) break
        if (isShown(lines[index], wanted)) kept.push(index)
      }
    } else {
      for (; seen < lines.length; seen++) if (isShown(lines[seen], wanted)) kept.push(seen)
    }
    const rows = kept
    return {
      count: rows.length,
      indexAt: (row) => rows[row] ?? -1,
      rowOf: (index) => lowerBound(rows, index),
    }
  }
}

function isShown(line: BufferedLine | undefined, filter: RowFilter): boolean {
  if (!line) return false
  if (filter.step !== undefined && line.step !== filter.step) return false
  if (filter.levels && !(line.level && filter.levels.has(line.level))) return false
  if (filter.json && !line.json) return false
  if (line.fold === 'close') return false
  return line.within === undefined || !filter.shut.has(line.within)
}

function lowerBound(sorted: readonly number[], wanted: number): number {
  let from = 0
  let to = sorted.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((sorted[middle] ?? 0) < wanted) from = middle + 1
    else to = middle
  }
  return from
}
