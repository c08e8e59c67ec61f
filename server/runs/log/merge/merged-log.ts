import { type ReadableLog, rowAfter } from '#server/runs/log/follow/shared-log-follower.ts'
import { isGap, type LogRow } from '#server/runs/model/log-entry.ts'
import { type MergePart, overStamp, takeMerged } from '#server/runs/model/merge-rows.ts'

/**
 * Several logs as one, by time, as far as they are known. Its rows are numbered through; where each log stands before a
 * row is kept at the beginning of each page, so that going on costs one page, and a jump what lies before it once.
 */
export function mergedLog(logs: readonly ReadableLog[]): ReadableLog {
  const marks: { row: number; stands: { row: number; stamp: string }[] }[] = [
    { row: 1, stands: logs.map(() => ({ row: 1, stamp: '' })) },
  ]

  async function pageAt(mark: (typeof marks)[number]): Promise<LogRow[]> {
    const parts: MergePart[] = await Promise.all(
      logs.map(async (log, part) => {
        const { row = 1, stamp = '' } = mark.stands[part] ?? {}
        const rows: LogRow[] = []
        // What is missing is placed by the line that follows it.
        while (rows.every(isGap)) {
          const page = await log.page(rowAfter(rows, row))
          if (page.length === 0) return { rows, until: overStamp, stamp }
          rows.push(...page)
        }
        return { rows, until: '', stamp }
      }),
    )
    const taken = takeMerged(parts, Number.POSITIVE_INFINITY)
    const ends = mark.stands.map(({ row }) => row)
    let next = mark.row
    const rows = taken.map(({ part, row }) => {
      const placed = { ...row, row: next }
      next += isGap(row) ? row.rows : 1
      ends[part] = rowAfter([row], row.row)
      return placed
    })
    if (rows.length > 0 && (marks.at(-1)?.row ?? 0) < next) {
      const stands = parts.map(({ stamp }, part) => ({ row: ends[part] ?? 1, stamp }))
      marks.push({ row: next, stands })
    }
    return rows
  }

  return {
    rows: () => logs.reduce((sum, log) => sum + log.rows(), 0),
    isEnded: () => logs.every((log) => log.isEnded()),
    async page(row) {
      for (;;) {
        const mark = marks.findLast((one) => one.row <= row)
        const rows = mark ? await pageAt(mark) : []
        if (rowAfter(rows, 0) > row || rows.length === 0) {
          return rows.filter((one) => rowAfter([one], one.row) > row)
        }
      }
    },
  }
}
