import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LogBatch } from '#server/runs/log/follow/follow-run-steps.ts'
import type { LogRow } from '#server/runs/model/log-entry.ts'
import { createArchiveBacklog } from './archive-backlog.ts'
import type { ArchivePosition } from './run-archive.ts'

/** What the archive holds, as the store keeps it: chunks by their first row, and where to go on. */
type Stored = { chunks: Map<number, LogRow[]>; rows: number; position: ArchivePosition | undefined }

/** A log in batches of lines; some of them large, so that chunks are closed. */
const log = fc
  .array(fc.array(fc.constantFrom(1, 10, 40_000), { minLength: 1, maxLength: 6 }), {
    maxLength: 25,
  })
  .map((batches) => {
    let line = 0
    return batches.map((sizes): LogBatch => {
      const entries = sizes.map((size) => {
        const number = ++line
        const at = `2026-11-24T00:00:00.${String(number).padStart(9, '0')}Z`
        return { step: 's', at, count: 1, text: `${number} ${'x'.repeat(size)}` }
      })
      const { at = '' } = entries.at(-1) ?? {}
      return { entries, at: { attempt: 0, step: 0, at, count: 1, redaction: 0 } }
    })
  })

/** The batches that come after a position. */
function after(batches: LogBatch[], position: ArchivePosition | undefined): LogBatch[] {
  return batches.slice(batches.findIndex(({ at }) => at?.at === position?.at) + 1)
}

/** As `appendLog`: refused where the writer is not where the archive is. */
function append(stored: Stored, backlog: ReturnType<typeof createArchiveBacklog>): boolean {
  const { rows, position, isLast } = backlog.chunk()
  expect(backlog.written()).toBe(stored.rows)
  const [first] = rows
  if (first) stored.chunks.set(first.row, rows)
  stored.rows = rows.at(-1)?.row ?? stored.rows
  stored.position = position ?? stored.position
  return isLast
}

test('whenever writers die and others follow, every row is in the archive once, in its order', () => {
  const deaths = fc.array(fc.record({ reads: fc.nat(8), writes: fc.nat(6), heard: fc.boolean() }), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(log, deaths, (batches, lives) => {
      const stored: Stored = { chunks: new Map(), rows: 0, position: undefined }
      for (const { reads, writes, heard } of [...lives, { reads: 999, writes: 999, heard: true }]) {
        const backlog = createArchiveBacklog(stored.rows)
        const source = after(batches, stored.position)
        // It reads and writes by turns, and dies after a write that it may not have heard the answer to.
        let left = writes
        for (let at = 0; at < Math.min(reads, source.length); at++) {
          backlog.push(source[at] as LogBatch)
          if (at % 2 === 0) continue
          while (left-- > 0) {
            const isLast = append(stored, backlog)
            if (left === 0 && !heard) break
            backlog.wrote()
            if (isLast) break
          }
          if (left <= 0) break
        }
        if (reads < 999) continue
        for (let isLast = source.length === 0; !isLast; backlog.wrote())
          isLast = append(stored, backlog)
      }
      const kept = [...stored.chunks].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows)
      const written = batches.flatMap(({ entries }) => entries)
      expect(kept).toEqual(written.map((entry, index) => ({ ...entry, row: index + 1 })))
    }),
    { numRuns: 200 },
  )
})
