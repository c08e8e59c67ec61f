import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRunLogBuffer } from '#server/runs/log/follow/run-log-buffer.ts'
import { isGap, type LogRow, piecesOf } from '#server/runs/model/log-entry.ts'
import { formatRunCursor, parseRunCursor, resumeAfterRow } from './run-cursor.ts'

/** Lines as a run writes them: steps one after another, several in one instant, now and then one from a slower clock. */
const log = fc
  .array(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(9), fc.nat(9)), { maxLength: 40 })
  .map((marks) => {
    const buffer = createRunLogBuffer()
    const counts = new Map<string, number>()
    let nanos = 1000
    let step = 0
    for (const [nextStep, later, odd, long] of marks) {
      step += nextStep === 2 ? 1 : 0
      nanos += later
      const stamp = odd === 0 ? nanos - 7 : nanos
      const fraction = String(stamp).padStart(9, '0').replace(/0+$/, '')
      const at = `2026-11-24T00:00:00${fraction && `.${fraction}`}Z`
      const key = `s${step} ${at}`
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      const text = 'x'.repeat(long === 0 ? 40_000 : long)
      buffer.push(piecesOf({ step: `s${step}`, at, count, text }))
    }
    return buffer.read(1, 10_000)
  })

test('a reader that comes back anywhere, in any process, is given the rest: nothing twice, nothing lost', () => {
  fc.assert(
    fc.property(log, fc.nat(60), fc.array(fc.integer({ min: 1, max: 7 })), (rows, at, batches) => {
      // An event ends where a whole line ends.
      const seen = rows.findIndex(
        (row, index) => index >= at && !continuesIn(rows[index + 1]) && row,
      )
      const cursor = rows[seen]
      if (!cursor || isGap(cursor)) return
      const parsed = parseRunCursor(formatRunCursor(cursor))
      expect(parsed).toEqual(expect.objectContaining({ step: cursor.step, row: cursor.row }))
      if (!parsed) return
      const resumed = resumeAfterRow(parsed)
      const given: LogRow[] = []
      let from = 0
      for (const size of [...batches, rows.length]) {
        given.push(...resumed.push(rows.slice(from, from + size)))
        from += size
      }
      expect([...given, ...resumed.release()]).toEqual(rows.slice(seen + 1))
    }),
  )
})

test('where the line of the cursor is gone, what is younger is new', () => {
  const buffer = createRunLogBuffer()
  const line = (second: number) => ({
    step: 's',
    at: `2026-11-24T00:00:0${second}Z`,
    count: 1,
    text: String(second),
  })
  buffer.push([1, 2, 4, 5].map(line))
  const resumed = resumeAfterRow({ step: 's', at: '2026-11-24T00:00:03Z', count: 1 })
  expect(resumed.push(buffer.read(1, 3))).toEqual([])
  expect(resumed.isHolding()).toBe(true)
  expect(resumed.push(buffer.read(4, 1)).map((row) => row.row)).toEqual([3, 4])
})

test('a cursor that is none starts from the beginning', () => {
  for (const text of [undefined, '', 'x', 's@x#1', 's@2026-11-24T00:00:00Z#0', 'S@2026#1']) {
    expect(parseRunCursor(text)).toBeUndefined()
  }
})

function continuesIn(row: LogRow | undefined): boolean {
  return row !== undefined && !isGap(row) && row.continues === true
}
