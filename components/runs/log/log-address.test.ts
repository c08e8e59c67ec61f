import fc from 'fast-check'
import { expect, test } from 'vitest'
import { timeLooks } from './line-times.ts'
import { formatLogAddress, type LogAddress, parseLogAddress } from './log-address.ts'
import { levels } from './log-level.ts'

const address: fc.Arbitrary<LogAddress> = fc.record({
  search: fc.record({
    text: fc.string({ unit: 'grapheme' }),
    regex: fc.boolean(),
    case: fc.boolean(),
    word: fc.boolean(),
  }),
  onlyMatches: fc.boolean(),
  levels: fc.subarray([...levels]),
  json: fc.boolean(),
  times: fc.constantFrom(...timeLooks),
  container: fc.constantFrom(undefined, 'prepare'),
  range: fc.option(
    fc
      .tuple(fc.integer({ min: 1, max: 1e9 }), fc.nat(1e6))
      .map(([from, more]) => ({ from, to: from + more })),
    { nil: undefined },
  ),
})

test('an address says again all that it was made of, and leaves the rest of the query alone', () => {
  fc.assert(
    fc.property(address, (wanted) => {
      const text = formatLogAddress(wanted, new URLSearchParams({ step: 'build', q: 'old' }))
      const url = new URL(text, 'http://localhost/runs/a/b')
      expect(parseLogAddress(url.searchParams, url.hash)).toEqual(wanted)
      expect(url.searchParams.get('step')).toBe('build')
    }),
  )
})

test('a bare address is everything as it always is; a broken one too', () => {
  const bare = parseLogAddress(new URLSearchParams(), '')
  expect(formatLogAddress(bare, new URLSearchParams())).toBe('')
  const broken = new URLSearchParams('level=loud,error&times=tomorrow')
  expect(parseLogAddress(broken, '#L0-Lx')).toEqual({ ...bare, levels: ['error'] })
  expect(parseLogAddress(broken, '#L9-L3').range).toEqual({ from: 3, to: 9 })
})
