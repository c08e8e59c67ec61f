import { QueryClient } from '@tanstack/react-query'
import { afterEach, expect, test, vi } from 'vitest'
import type { RunView } from '#server/runs/views/run.ts'
import { runsQuery } from './queries.ts'

afterEach(() => vi.unstubAllGlobals())

const run = (id: string, rest: Partial<RunView>) => ({ id, ...rest }) as RunView

test('a list that was asked for before something happened does not undo what the stream has told since', async () => {
  let answer = (_: Response) => {}
  const answered = new Promise<Response>((resolve) => {
    answer = resolve
  })
  vi.stubGlobal('fetch', () => answered)
  const client = new QueryClient()
  const { queryKey } = runsQuery()
  const fetched = client.fetchQuery(runsQuery())
  client.setQueryData(queryKey, [run('a', { state: 'failed' })])
  const gone = run('c', { goneAt: '2026-01-01T00:00:00Z' })
  answer(Response.json([run('a', { state: 'running' }), run('b', { state: 'running' }), gone]))

  expect(await fetched).toEqual([run('a', { state: 'failed' }), gone])
  expect(client.getQueryData(queryKey)).toEqual([run('a', { state: 'failed' }), gone])
})

test('a list is what was fetched where the stream told nothing meanwhile', async () => {
  vi.stubGlobal('fetch', async () => Response.json([run('a', { state: 'running' })]))
  const client = new QueryClient()
  client.setQueryData(runsQuery().queryKey, [run('b', {})], { updatedAt: 1 })
  expect(await client.fetchQuery({ ...runsQuery(), staleTime: 0 })).toEqual([
    run('a', { state: 'running' }),
  ])
})
