import { expect, test } from 'vitest'
import { createRunLogBuffer } from '#server/runs/log/follow/run-log-buffer.ts'
import type { ReadableLog } from '#server/runs/log/follow/shared-log-follower.ts'
import { logSearchQuery } from '#server/runs/views/run-log-views.ts'
import { createLogSearches } from './log-searches.ts'

const { signal } = new AbortController()
const search = logSearchQuery.parse({ q: 'line', regex: 'true' })

function oneLine(): ReadableLog {
  const buffer = createRunLogBuffer()
  buffer.push([{ step: 's', at: '2026-11-24T00:00:00Z', count: 1, text: 'a line' }])
  return { rows: () => 1, isEnded: () => true, page: async (row) => buffer.read(row, 1_000) }
}

test('a person runs two searches at once; a third is refused in words, and another person waits for a turn', async () => {
  const searches = createLogSearches()
  let resolve = (_log: ReadableLog) => {}
  const read = new Promise<ReadableLog>((done) => {
    resolve = done
  })
  const own = [1, 2].map(() => searches.search('ana', signal, search, () => read))
  await expect(searches.search('ana', signal, search, () => read)).rejects.toMatchObject({
    code: 'quota-exhausted',
    details: { key: 'tooManySearches', values: { max: 2 } },
  })
  const other = searches.search('ben', signal, search, async () => oneLine())
  const left = new AbortController()
  const gone = searches.search('eve', left.signal, search, async () => oneLine())
  left.abort(new Error('left'))
  await expect(gone).rejects.toThrow('left')

  resolve(oneLine())
  for (const found of await Promise.all([...own, other])) expect(found.count).toBe(1)
  expect((await searches.search('ana', signal, search, async () => oneLine())).count).toBe(1)
})
