import fc from 'fast-check'
import { RE2JS } from 're2js'
import { expect, test } from 'vitest'
import { expressionSize, expressionSizeMax } from './expression-size.ts'

const piece = fc.constantFrom('a', '\\d', '\\pL', '[a-f0-9_]', '.', '^', 'ab', '\\Qa{9}\\E')
const times = fc.constantFrom('', '*', '+?', '{3}', '{0,9}', '{2,}', '{,4}')
const { whole } = fc.letrec<{ whole: string }>((tie) => ({
  whole: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(piece, times).map(([one, often]) => one + often),
    fc.tuple(tie('whole'), tie('whole')).map(([a, b]) => a + b),
    fc.tuple(tie('whole'), tie('whole')).map(([a, b]) => `${a}|${b}`),
    fc.tuple(tie('whole'), times).map(([a, often]) => `(?:${a})${often}`),
    fc.tuple(tie('whole'), times).map(([a, often]) => `(${a})${often}`),
  ),
}))

test('the estimate is no smaller than the program that RE2 makes', () => {
  fc.assert(
    fc.property(whole, (source) => {
      const size = expressionSize(source)
      if (size > expressionSizeMax) return
      let compiled: RE2JS
      try {
        compiled = RE2JS.compile(source)
      } catch {
        return
      }
      expect([source, compiled.programSize() <= size * 2 + 10]).toEqual([source, true])
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['\\pL{999}'.repeat(62), true],
  ['[k-zK]{0,999}'.repeat(38), true],
  ['(((a{0,30}){0,30}){0,30}){0,30}', true],
  ['a{1000}{1000}', true],
  ['error|warn(?:ing)?|\\bfailed\\b.{0,200}$', false],
  ['^\\d{4}-\\d{2}-\\d{2}T[\\d:.]+Z \\p{Lu}+', false],
  ['(?i)timeout after \\d{1,6} ?ms', false],
])('%s is too large: %s', (source, isTooLarge) => {
  expect(expressionSize(source) > expressionSizeMax).toBe(isTooLarge)
})

test('what is no expression is measured as well, in one pass', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'()[]{}|\\?*pQE1,^a:') }), (source) => {
      expect(expressionSize(source)).toBeGreaterThanOrEqual(0)
    }),
  )
})
