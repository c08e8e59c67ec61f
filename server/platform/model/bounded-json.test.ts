import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseBoundedJson } from './bounded-json.ts'

const bounds = { depth: 4, containers: 20, members: 20, values: 40 }
const wide = { depth: 1000, containers: 1e9, members: 1e9, values: 1e9 }

test('within its bounds, what is read is what was written', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.boolean(), (value, indented) => {
      const text = JSON.stringify(value, null, indented ? 2 : undefined)
      expect(parseBoundedJson(text, wide)).toEqual({ value: JSON.parse(text) })
    }),
  )
})

test.each([
  ['{"a": "\\\\"}', { value: { a: '\\' } }],
  ['{"a": "\\"{[,:"}', { value: { a: '"{[,:' } }],
  ['{"a": "x', { reason: 'not-json' }],
  ['{"a" 1}', { reason: 'not-json' }],
  [']]]]]]', { reason: 'not-json' }],
  ['[[[[1]]]]', { value: [[[[1]]]] }],
  ['[[[[[1]]]]]', { reason: 'too-deep' }],
  [`[${'{},'.repeat(20)}{}]`, { reason: 'too-many' }],
  [`[${'1,'.repeat(40)}1]`, { reason: 'too-many' }],
  [`{${Array.from({ length: 21 }, (_, i) => `"${i}":1`)}}`, { reason: 'too-many' }],
])('%j', (text, result) => {
  expect(parseBoundedJson(text, bounds)).toEqual(result)
})

/** Milliseconds of the best of some tries: what other work of the machine adds is left out. */
function bestMs(work: () => void): number {
  return Math.min(
    ...Array.from({ length: 5 }, () => {
      const startedMs = performance.now()
      work()
      return performance.now() - startedMs
    }),
  )
}

test.each([
  ['keys', (n: number) => `{${Array.from({ length: n / 10 }, (_, i) => `"key-${i}":1`)}}`],
  ['objects', (n: number) => `[${'{},'.repeat(n / 3)}{}]`],
  ['depth', (n: number) => '['.repeat(n)],
  ['quotes', (n: number) => `"${'\\"'.repeat(n / 2)}"`],
  ['backslashes', (n: number) => `"${'\\\\'.repeat(n / 2)}"`],
  ['an open string of backslashes', (n: number) => `"${'\\'.repeat(n - 1)}`],
  ['blanks', (n: number) => `${' '.repeat(n)}{}`],
])('2 MB of %s cost no more than copying 2 MB some times', (_, write) => {
  const text = write(2_000_000)
  const copyMs = bestMs(() => Buffer.from(text, 'utf8').toString('utf16le'))
  const parseMs = bestMs(() => parseBoundedJson(text, bounds))
  expect(parseMs / Math.max(copyMs, 0.5)).toBeLessThan(60)
})
