import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { createRunLogBuffer } from '#server/runs/log/follow/run-log-buffer.ts'
import type { ReadableLog } from '#server/runs/log/follow/shared-log-follower.ts'
import { logSearchQuery, matchingRowsMax } from '#server/runs/views/run-log-views.ts'
import { searchLog } from './search-log-rows.ts'

const signal = new AbortController().signal

function logOf(rows: number): ReadableLog {
  const buffer = createRunLogBuffer()
  const at = '2026-11-24T00:00:00Z'
  for (let row = 1; row <= rows; row++) {
    buffer.push([{ step: 's', at, count: row, text: `row ${row}` }])
  }
  return { rows: () => rows, isEnded: () => true, page: async (row) => buffer.read(row, 1_000) }
}

test('of very many matches those around a row are named, and all of them counted', async () => {
  const log = logOf(25_000)
  for (const [around, first] of [
    [1, 1],
    [12_000, 5_001],
    [25_000, 15_001],
  ] as const) {
    const search = logSearchQuery.parse({ q: 'row', around })
    const view = await searchLog(log, search, signal)
    expect(view.count).toBe(25_000)
    expect(view.matchingBefore).toBe(first - 1)
    expect(view.matching[0]).toBe(first)
    expect(view.matching.at(-1)).toBe(first + matchingRowsMax - 1)
    expect(view.matching).toContain(around)
  }
})

test('a match comes with the lines before and after it', async () => {
  const search = logSearchQuery.parse({ q: 'row 50', word: 'true', context: 3, limit: 1 })
  const { matches } = await searchLog(logOf(100), search, signal)
  expect(matches[0]?.before.map(({ row }) => row)).toEqual([47, 48, 49])
  expect(matches[0]?.after.map(({ row }) => row)).toEqual([51, 52, 53])
})

test('a search that takes too long says where it was given up', async () => {
  const search = logSearchQuery.parse({ q: 'row' })
  const view = await searchLog(logOf(5_000), search, signal, 0)
  expect(view).toMatchObject({ rows: 5_000, count: 1_000, stoppedAt: 1_001 })
})

test.each([
  '\\pL{999}'.repeat(62),
  '[k-zK]{0,999}'.repeat(38),
  '(((a{0,30}){0,30}){0,30}){0,30}',
  `${'('.repeat(240)}${')'.repeat(240)}`,
  '(?:a|b|c|d|e|f|\\pL{90}){40}x',
])('expression %# keeps the event loop as free as a plain search does', async (q) => {
  const log = logOf(5_000)
  const turnsDuring = async (work: Promise<unknown>) => {
    const longest = monitorEventLoopDelay({ resolution: 5 })
    longest.enable()
    await work
    longest.disable()
    return longest.max / 1e6
  }
  const plain = logSearchQuery.parse({ q: 'row 4', regex: 'true' })
  const quietMs = await turnsDuring(searchLog(log, plain, signal))
  const search = logSearchQuery.parse({ q, regex: 'true' })
  const attackMs = await turnsDuring(searchLog(log, search, signal, 1_000).catch(() => undefined))
  expect(attackMs / Math.max(quietMs, 50)).toBeLessThan(5)
})

test('an expression that is none, is too large or takes too long is refused in words', async () => {
  for (const q of ['(', '(a)\\1', 'a{1000}{1000}', '\\pL{999}'.repeat(62)]) {
    const search = logSearchQuery.parse({ q, regex: 'true' })
    await expect(searchLog(logOf(10), search, signal)).rejects.toMatchObject({
      code: 'bad-request',
      details: { key: 'log.badRegex' },
    })
  }
})
