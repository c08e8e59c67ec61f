import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isGap, type LogRow } from './log-entry.ts'
import { type MergePart, overStamp, takeMerged } from './merge-rows.ts'

const at = (nanos: number) => `2026-11-24T00:00:00.${String(nanos).padStart(9, '0')}Z`

type Kind = 'line' | 'piece' | 'gap'

/** A log whose clock may stand still or go back a little, with pieces of long lines and gaps. */
const log = fc
  .array(
    fc.record({
      by: fc.integer({ min: -2, max: 6 }),
      kind: fc.constantFrom<Kind>('line', 'line', 'line', 'piece', 'gap'),
    }),
    { maxLength: 25 },
  )
  .map((steps) => {
    let nanos = 10
    let row = 1
    return steps.map(({ by, kind }, index): LogRow => {
      const placed = row
      row += kind === 'gap' ? 3 : 1
      if (kind === 'gap') return { row: placed, rows: 3, step: 's', reason: 'rotated' }
      const continues = kind === 'piece' && index > 0 && steps[index - 1]?.kind !== 'gap'
      if (!continues) nanos = Math.max(0, nanos + by)
      const line = { row: placed, step: 's', at: at(nanos), count: 1, text: `${index}` }
      return continues ? { ...line, continues: true } : line
    })
  })

const fresh = (): MergePart => ({ rows: [], until: '', stamp: '' })

/** All at once, as they stand in an archive. */
function mergeWhole(logs: LogRow[][]) {
  const parts = logs.map((rows) => ({ ...fresh(), rows: [...rows], until: overStamp }))
  return takeMerged(parts, Number.POSITIVE_INFINITY)
}

test('however the rows of several logs come, they are merged the same, none lost and none twice', () => {
  fc.assert(
    fc.property(
      fc.array(log, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }))),
      (logs, arrivals) => {
        const parts = logs.map(fresh)
        const left = logs.map((rows) => [...rows])
        const merged: ReturnType<typeof takeMerged> = []
        const more = [...arrivals, ...logs.map((_, which) => [which, 1_000, 1_000] as const)]
        for (const [which, count, max] of more) {
          const part = which % logs.length
          const some = left[part]?.splice(0, count) ?? []
          // A page ends where a whole line does.
          while (isPiece(left[part]?.[0])) some.push(...(left[part]?.splice(0, 1) ?? []))
          parts[part]?.rows.push(...some)
          const one = parts[part]
          if (one) one.until = left[part]?.length === 0 ? overStamp : ''
          merged.push(...takeMerged(parts, max))
        }
        merged.push(...takeMerged(parts, Number.POSITIVE_INFINITY))

        expect(merged).toEqual(mergeWhole(logs))
        for (const [part, rows] of logs.entries()) {
          expect(merged.filter((one) => one.part === part).map((one) => one.row)).toEqual(rows)
        }
        for (const [index, { part, row }] of merged.entries()) {
          if (isPiece(row)) expect(merged[index - 1]?.part).toBe(part)
        }
      },
    ),
    { numRuns: 400 },
  )
})

function isPiece(row: LogRow | undefined): boolean {
  return row !== undefined && !isGap(row) && row.continues === true
}

test('logs whose clocks go forward stand in the order of time', () => {
  const rows = (...nanos: number[]) =>
    nanos.map((one, index): LogRow => {
      return { row: index + 1, step: 's', at: at(one), count: 1, text: `${one}` }
    })
  const merged = mergeWhole([rows(1, 5, 9), rows(2, 3, 5), rows(7)])
  expect(merged.map(({ part, row }) => [part, isGap(row) ? '' : row.text])).toEqual([
    [0, '1'],
    [1, '2'],
    [1, '3'],
    [0, '5'],
    [1, '5'],
    [2, '7'],
    [0, '9'],
  ])
})
