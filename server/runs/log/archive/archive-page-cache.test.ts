import { expect, test } from 'vitest'
import type { LogRow } from '#server/runs/model/log-entry.ts'
import { createArchivePageCache } from './archive-page-cache.ts'
import type { RunArchive } from './run-archive.ts'

const key = { uid: 'u', part: 'steps' }
const line: LogRow = { row: 1, step: 's', at: '2026-11-24T00:00:00Z', count: 1, text: '' }

/** What was asked of the archive; `answer` says what it has. */
function pagesOf(answer: (row: number) => Promise<LogRow[]>) {
  const asked: string[] = []
  const readLog: RunArchive['readLog'] = ({ uid, part }, row) => {
    asked.push(`${uid} ${part} ${row}`)
    return answer(row)
  }
  return { pages: createArchivePageCache({ readLog } as RunArchive), asked }
}

test('a page is read once for all who want it, and those read last are kept', async () => {
  const { pages, asked } = pagesOf(async () => [line])
  const [first, again] = await Promise.all([pages.read(key, 1), pages.read(key, 1)])
  expect(first).toBe(again)
  await pages.read({ ...key, part: 'sidecar-db' }, 1)
  await pages.read({ ...key, uid: 'v' }, 1)
  expect(asked).toEqual(['u steps 1', 'u sidecar-db 1', 'v steps 1'])
  // The first is wanted now and then, the others once.
  for (let row = 2; row < 60; row++) {
    await pages.read(key, row)
    await pages.read(key, 1)
  }
  expect(asked.filter((one) => one === 'u steps 1')).toHaveLength(1)
  await pages.read(key, 2)
  expect(asked.filter((one) => one === 'u steps 2')).toHaveLength(2)
})

test('what is not there yet, or could not be read, is asked for again', async () => {
  let come: LogRow[] | Error = []
  const { pages, asked } = pagesOf(async () => {
    if (come instanceof Error) throw come
    return come
  })
  expect(await pages.read(key, 1)).toEqual([])
  come = new Error('The database does not answer.')
  await expect(pages.read(key, 1)).rejects.toThrow('does not answer')
  come = [line]
  expect(await pages.read(key, 1)).toEqual([line])
  expect(await pages.read(key, 1)).toEqual([line])
  expect(asked).toHaveLength(3)
})
