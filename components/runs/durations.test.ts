import { expect, test } from 'vitest'
import { barOf, durationMs, durationText } from './durations.ts'

const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000).toISOString()

test('an open span lasts until now, one that has not begun has no duration', () => {
  expect(durationMs({ startedAt: at(0) }, new Date(at(5)))).toBe(5000)
  expect(durationMs({ startedAt: at(0), finishedAt: at(2) }, new Date(at(5)))).toBe(2000)
  expect(durationMs({}, new Date(at(5)))).toBeUndefined()
})

test.each([
  [0, '< 1 s'],
  [999, '999 ms'],
  [4210, '4.2 s'],
  [59_960, '1 min 00 s'],
  [187_000, '3 min 07 s'],
  [3_840_000, '1 h 04 min'],
])('%i ms reads %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test('a bar stays inside the run, whatever the clocks of two machines say', () => {
  const run = { startedAt: at(10), finishedAt: at(20) }
  expect(barOf({ startedAt: at(12), finishedAt: at(17) }, run, new Date(at(30)))).toEqual({
    from: 0.2,
    width: 0.5,
  })
  expect(barOf({ startedAt: at(9), finishedAt: at(25) }, run, new Date(at(30)))).toEqual({
    from: 0,
    width: 1,
  })
  expect(barOf({}, run, new Date(at(30)))).toBeUndefined()
})
