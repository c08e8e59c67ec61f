import fc from 'fast-check'
import { expect, test } from 'vitest'
import { logMatcher } from './search-log.ts'

function found(text: string, q: string, how: Partial<Parameters<typeof logMatcher>[0]> = {}) {
  const matcher = logMatcher({ q, regex: false, case: false, word: false, ...how })
  const ranges = matcher.ranges(text)
  expect(matcher.test(text)).toBe(ranges.length > 0)
  return ranges.map(([start, end]) => text.slice(start, end))
}

test('text, case, whole words, regular expressions', () => {
  expect(found('Error: an error', 'error')).toEqual(['Error', 'error'])
  expect(found('Error: an error', 'error', { case: true })).toEqual(['error'])
  expect(found('errors, error, _error', 'error', { word: true })).toEqual(['error'])
  expect(found('naïve na', 'na', { word: true })).toEqual(['na'])
  expect(found('a.b axb', 'a.b')).toEqual(['a.b'])
  expect(found('a.b axb', 'a.b', { regex: true })).toEqual(['a.b', 'axb'])
  expect(found('code 17, code 5', 'code \\d', { regex: true, word: true })).toEqual(['code 5'])
  expect(found('日本語のログ', 'ログ')).toEqual(['ログ'])
})

test('any text finds itself, whatever signs are in it', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string(), (before, text, after) => {
      const whole = before + text + after
      const matcher = logMatcher({ q: text, regex: false, case: true, word: false })
      expect(matcher.test(whole)).toBe(true)
      const [start, end] = matcher.ranges(whole)[0] ?? [0, 0]
      expect(whole.slice(start, end)).toBe(text)
    }),
  )
})

test('an expression that makes others backtrack for ever is searched in no time', () => {
  const startedMs = performance.now()
  const matcher = logMatcher({ q: '(a+)+$', regex: true, case: true, word: false })
  expect(matcher.test(`${'a'.repeat(50_000)}!`)).toBe(false)
  expect(performance.now() - startedMs).toBeLessThan(30_000)
})

test('what is no regular expression is refused, and so is what RE2 does not know', () => {
  for (const q of ['(', 'a(?=b)', '(a)\\1']) {
    expect(() => logMatcher({ q, regex: true, case: true, word: false })).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        details: expect.objectContaining({ key: 'log.badRegex' }),
      }),
    )
  }
})
