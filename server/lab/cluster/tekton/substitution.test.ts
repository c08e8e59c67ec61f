import { expect, test } from 'vitest'
import { paramReplacements, replaceDeep } from './substitution.ts'
import { formatGoDuration, goQuote, parseGoDuration } from './validate/go-text.ts'

const params = paramReplacements(
  [
    { name: 'who', default: 'world' },
    { name: 'o', default: { a: '1', b: '2' } },
  ],
  [
    { name: 'who', value: '$(params.o.a)' },
    { name: 'list', value: ['x', 'y z'] },
    { name: 'o', value: { a: '7' } },
    { name: 'dotted.name', value: 'd' },
  ],
)

test.each([
  ['$(params.who)', '$(params.o.a)'],
  ['$(params.o.a)$(params.o.b)', '72'],
  ['$(params.list[1])', 'y z'],
  [`$(params["dotted.name"]) $(params['dotted.name'])`, 'd d'],
  ['$(cat $(params.o.b)) $(params.none) $HOME $(date)', '$(cat 2) $(params.none) $HOME $(date)'],
])('%s', (text, expected) => {
  expect(replaceDeep({ script: text }, params)).toEqual({ script: expected })
})

test('a list takes the place of the argument that names it', () => {
  const args = ['a', '$(params.list[*])', '$(params.list)', 'b $(params.list[0])']
  expect(replaceDeep(args, params)).toEqual(['a', 'x', 'y z', 'x', 'y z', 'b x'])
})

test.each([
  ['1h30m', 5_400_000, '1h30m0s'],
  ['90s', 90_000, '1m30s'],
  ['1.5s', 1500, '1.5s'],
  ['200ms', 200, '200ms'],
  ['0', 0, '0s'],
  ['-5s', -5000, '-5s'],
])('duration %s', (text, ms, printed) => {
  expect(parseGoDuration(text)).toBe(ms)
  expect(formatGoDuration(ms)).toBe(printed)
})

test.each([
  ['soon', 'time: invalid duration "soon"'],
  ['10', 'time: missing unit in duration "10"'],
  ['5x', 'time: unknown unit "x" in duration "5x"'],
  ['', 'time: invalid duration ""'],
])('no duration: %s', (text, message) => {
  expect(() => parseGoDuration(text)).toThrow(message)
})

test('quotes are Go’s', () => {
  expect(goQuote('a "b"\n\u0001é')).toBe('"a \\"b\\"\\n\\x01é"')
})
