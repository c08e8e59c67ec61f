import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  createRunLogBuffer,
  formatRunCursor,
  type PlacedLine,
  parseRunCursor,
  skipSeen,
} from './run-log-buffer.ts'

/** Lines as a run writes them: steps one after another, several lines in the same instant. */
const log = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { maxLength: 40 }).map((marks) => {
  const lines: PlacedLine[] = []
  let nanos = 0
  let step = 0
  for (const [nextStep, later] of marks) {
    step += nextStep === 2 ? 1 : 0
    nanos += later
    const fraction = String(nanos).padStart(9, '0').replace(/0+$/, '')
    const at = `2026-11-24T00:00:00${fraction && `.${fraction}`}Z`
    const last = lines.at(-1)
    const count = last?.at === at && last.step === `s${step}` ? last.count + 1 : 1
    lines.push({ step: `s${step}`, at, count, text: `${lines.length}` })
  }
  return lines
})

test('a reader that comes back anywhere is given the rest: nothing twice, nothing lost', () => {
  fc.assert(
    fc.property(log, fc.nat(40), (lines, seen) => {
      const cursor = lines[seen]
      if (!cursor) return
      const parsed = parseRunCursor(formatRunCursor(cursor))
      expect(parsed).toEqual({ step: cursor.step, at: cursor.at, count: cursor.count })
      if (!parsed) return
      const skip = skipSeen(parsed)
      expect(lines.filter((line) => !skip(line))).toEqual(lines.slice(seen + 1))
    }),
  )
})

test('a cursor that is none starts from the beginning', () => {
  for (const text of [undefined, '', 'x', 's@x#1', 's@2026-11-24T00:00:00Z#0', 'S@2026#1']) {
    expect(parseRunCursor(text)).toBeUndefined()
  }
})

test('indexes stay what they were when the beginning is dropped', () => {
  const buffer = createRunLogBuffer(2000)
  const at = '2026-11-24T00:00:00Z'
  for (let index = 0; index < 100; index++) {
    buffer.push([{ step: 's', at, count: index + 1, text: String(index) }])
  }
  expect(buffer.bytes()).toBeLessThanOrEqual(2000)
  expect(buffer.end()).toBe(100)
  expect(buffer.read(99, 10)).toMatchObject({
    entries: [{ text: '99' }],
    next: 100,
    dropped: false,
  })
  const fromStart = buffer.read(0, 1000)
  expect(fromStart).toMatchObject({ next: 100, dropped: true })
  expect(fromStart.entries.at(-1)).toMatchObject({ text: '99' })
})
