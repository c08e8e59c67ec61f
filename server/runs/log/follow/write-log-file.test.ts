import { expect, test } from 'vitest'
import type { LogRow } from '#server/runs/model/log-entry.ts'
import type { ReadableLog } from './shared-log-follower.ts'
import { pagesOf, writeLogFile } from './write-log-file.ts'

const at = '2026-11-24T00:00:00Z'
const signal = new AbortController().signal

/** Two rows in each page. */
function logOf(rows: LogRow[]): ReadableLog {
  return {
    rows: () => rows.at(-1)?.row ?? 0,
    isEnded: () => true,
    page: async (row) => rows.filter((one) => one.row >= row).slice(0, 2),
  }
}

async function written(rows: LogRow[], what: Parameters<typeof writeLogFile>[1]): Promise<string> {
  let text = ''
  for await (const part of writeLogFile(logOf(rows), what, signal)) text += part
  return text
}

const rows: LogRow[] = [
  { row: 1, step: 'a', at, count: 1, text: 'one ' },
  { row: 2, step: 'a', at, count: 1, text: 'line', continues: true },
  { row: 3, step: 'b', at, count: 1, text: 'of another' },
  { row: 4, rows: 7, step: 'a', reason: 'truncated' },
  { row: 11, step: 'a', at, count: 2, text: 'too long', cut: 12 },
  { row: 12, rows: 1, step: 'a', reason: 'pod-gone' },
  { row: 13, step: 'a', at, count: 3, text: 'no end', open: true },
]

test('a log is written as it was, pieces of a line as one, and what is missing where it is missing', async () => {
  expect(await written(rows, { format: 'plain' })).toBe(
    [
      'one line',
      'of another',
      '(7 lines of a are missing here: truncated)',
      'too long (12 bytes of this line are missing)',
      '(Lines of a are missing here: pod-gone)',
      'no end',
    ].join('\n'),
  )
  expect(await written(rows.slice(0, 3), { format: 'timed' })).toBe(
    `${at} a one line\n${at} b of another\n`,
  )
  expect(await written(rows, { format: 'timed', step: 'b' })).toBe(`${at} b of another\n`)
})

test('a log is read page by page from any row, until nobody wants it', async () => {
  const leaving = new AbortController()
  const seen: number[] = []
  for await (const page of pagesOf(logOf(rows), leaving.signal, 3)) {
    seen.push(...page.map(({ row }) => row))
    if (seen.length === 4) leaving.abort()
  }
  expect(seen).toEqual([3, 4, 11, 12])
})

test('a file holds no terminal escapes, in either format', async () => {
  const hostile: LogRow[] = [
    { row: 1, step: 'a', at, count: 1, text: '\u001b]0;title\u0007\u001b[31mred\u001b[0m\rfake' },
  ]
  expect(await written(hostile, { format: 'plain' })).toBe('red␍fake\n')
  expect(await written(hostile, { format: 'timed' })).toBe(`${at} a red␍fake\n`)
})
