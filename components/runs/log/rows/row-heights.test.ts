import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRowHeights } from './row-heights.ts'

const step = fc.oneof(
  fc.record({ type: fc.constant('grow' as const), by: fc.nat(3000) }),
  fc.record({
    type: fc.constant('set' as const),
    at: fc.nat(),
    px: fc.integer({ min: 1, max: 90 }),
  }),
)

test('whatever grows and is measured, tops, heights and places agree with a plain list', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 30 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (steps, asked) => {
        const heights = createRowHeights(20)
        const plain: number[] = []
        const set = new Set<number>()
        for (const one of steps) {
          if (one.type === 'grow') {
            for (let i = 0; i < one.by; i++) plain.push(20)
            heights.resize(plain.length)
          } else if (plain.length > 0) {
            plain[one.at % plain.length] = one.px
            heights.set(one.at % plain.length, one.px)
            set.add(one.at % plain.length)
          }
        }
        const tops = [0]
        for (const px of plain) tops.push((tops.at(-1) ?? 0) + px)
        const total = tops.at(-1) ?? 0
        expect(heights.totalPx()).toBe(total)
        for (const one of asked) {
          if (plain.length === 0) return
          const row = one % plain.length
          expect(heights.topOf(row)).toBe(tops[row])
          expect(heights.heightOf(row)).toBe(plain[row])
          expect(heights.isMeasured(row)).toBe(set.has(row))
          const px = one % total
          expect(heights.rowAt(px)).toBe(tops.findLastIndex((top) => top <= px))
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('a shorter list begins anew', () => {
  const heights = createRowHeights(10)
  heights.resize(5)
  heights.set(4, 50)
  heights.resize(2)
  expect(heights.totalPx()).toBe(20)
  heights.set(1, 10)
  expect(heights.isMeasured(1)).toBe(true)
  heights.reset(12)
  expect(heights.isMeasured(1)).toBe(false)
  expect(heights.totalPx()).toBe(24)
  expect(heights.rowAt(1e9)).toBe(1)
})
