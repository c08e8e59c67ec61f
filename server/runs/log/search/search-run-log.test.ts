import { expect, test } from 'vitest'
import { createRunLogBuffer } from '#server/runs/log/follow/run-log-buffer.ts'
import type { ReadableLog } from '#server/runs/log/follow/shared-log-follower.ts'
import { logSearchQuery, matchingRowsMax } from '#server/runs/views/run-log-views.ts'
import { searchLog } from './search-run-log.ts'

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
