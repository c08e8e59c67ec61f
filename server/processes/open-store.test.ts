import pg from 'pg'
import { afterEach, expect, test, vi } from 'vitest'
import type { Store } from '#server/store.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { firstTurn } from '#server/testing/playground/turn-fixture.ts'
import { openWay } from '#server/testing/tcp-fault-proxy.ts'
import type { UsageRecord } from '#server/usage/model/usage-record.ts'
import { openStore } from './open-store.ts'

let ending = new AbortController()
const opened: Store[] = []
afterEach(async () => {
  ending.abort()
  ending = new AbortController()
  await Promise.all(opened.splice(0).map((store) => store.close()))
})

async function open(url: string): Promise<Store> {
  const store = await openStore(url, { signal: ending.signal, connectWithinMs: 3_000 })
  opened.push(store)
  return store
}

/** The id of a generation that runs. */
async function generation(store: Store): Promise<string> {
  const turn = firstTurn()
  await store.createTurn(turn)
  return turn.generations[0]!.id
}

function delta(content: string) {
  return { event: 'delta' as const, data: { content } }
}

const record: UsageRecord = {
  namespace: 'research-team-a',
  binding: 'vibethinker',
  caller: 'ada',
  route: '/v1/chat/completions',
  ring: 'stable',
  status: 200,
  promptTokens: 10,
  completionTokens: 32,
  durationMs: 812.5,
  at: new Date('2026-11-23T12:00:00Z'),
}

test('five processes that open an empty database at once all find it ready', async () => {
  const url = await databaseUrl()
  const stores = await Promise.all(Array.from({ length: 5 }, () => open(url)))
  await Promise.all(stores.map((store) => store.ping()))
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('select id from schema_migrations')
  await client.end()
  expect(rows.map(({ id }) => id)).toEqual(Array.from(rows, (_, index) => index + 1))
})

test('rings are told apart by how they fared; who left or asked wrongly is no error of theirs', async () => {
  const store = await open(await databaseUrl())
  const one = { ...record, ttftMs: 100, durationMs: 1_100, completionTokens: 11 }
  await store.recordUsage(one)
  await store.recordUsage({ ...one, ttftMs: 300, durationMs: 2_300 })
  await store.recordUsage({ ...one, status: 499 })
  await store.recordUsage({ ...one, status: 400, completionTokens: 0, ttftMs: 5 })
  await store.recordUsage({ ...one, ring: 'canary', status: 502, ttftMs: undefined })
  await store.recordUsage({ ...one, binding: 'of another service', status: 500 })
  await store.recordUsage({ ...one, at: new Date('2026-11-23T11:00:00Z'), status: 500 })
  const since = new Date('2026-11-23T11:30:00Z')
  const bindings = [{ namespace: record.namespace, name: record.binding }]
  const rings = await store.ringUsage(bindings, since)
  expect(rings.find(({ ring }) => ring === 'stable')).toEqual({
    ring: 'stable',
    requests: 4,
    errors: 0,
    ttftP50Ms: 200,
    ttftP95Ms: expect.closeTo(290),
    completionTokens: 33,
    // Ten tokens after the first, in 1, 2 and again 1 second.
    decodeRateP50: expect.closeTo(10),
  })
  expect(rings.find(({ ring }) => ring === 'canary')).toMatchObject({ requests: 1, errors: 1 })
  expect(await store.ringUsage([], since)).toEqual([])
})

test('usage is summed per binding and since an instant', async () => {
  const store = await open(await databaseUrl())
  await store.recordUsage(record)
  await store.recordUsage({ ...record, ttftMs: 41.2, at: new Date('2026-11-23T13:00:00Z') })
  await store.recordUsage({ ...record, namespace: 'research-team-b' })
  const binding = { namespace: 'research-team-a', name: 'vibethinker' }
  expect(await store.usageOf(binding, new Date('2026-11-23T00:00:00Z'))).toEqual({
    requests: 2,
    promptTokens: 20,
    completionTokens: 64,
  })
  expect(await store.tokensUsedSince(binding, new Date('2026-11-23T12:30:00Z'))).toBe(42)
  expect(await store.tokensUsedSince(binding, new Date('2026-11-24T00:00:00Z'))).toBe(0)
})

test('events are read in order from any point; a repeated batch is not doubled', async () => {
  const store = await open(await databaseUrl())
  const id = await generation(store)
  await store.appendEvents(id, 1, [delta('a'), delta('b')])
  await store.appendEvents(id, 3, [delta('c')])
  await store.appendEvents(id, 3, [delta('c'), delta('d')])
  await store.appendEvents(id, 1, [delta('a')])
  const all = await store.readEvents(id, 0)
  expect(all.map(({ seq, event }) => [seq, 'content' in event.data && event.data.content])).toEqual(
    [
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
      [4, 'd'],
    ],
  )
  expect((await store.readEvents(id, 1)).map(({ seq }) => seq)).toEqual([2, 3, 4])
  expect(await store.readEvents(id, 4)).toEqual([])
})

test('an end is final, and only what lost its holder is interrupted', async () => {
  const store = await open(await databaseUrl())
  const [done, lost] = [await generation(store), await generation(store)]
  const nowhere = store.appendEvents('none', 1, [delta('x')])
  await expect(nowhere).rejects.toMatchObject({ code: 'not-found' })
  await store.endGeneration(done, { state: 'done', reasoning: 'r', content: 'c' })
  expect(await store.interruptOrphans(600_000)).toEqual([])
  expect(await store.interruptOrphans(0)).toEqual([lost])
  await store.endGeneration(lost, { state: 'done', reasoning: '', content: 'late, but kept' })
  expect((await store.findGeneration(lost))?.state).toBe('interrupted')
  expect((await store.findGeneration(done))?.state).toBe('done')
  const texts = await store.textsOf([done, lost])
  expect(texts.get(lost)?.content).toBe('late, but kept')
  expect(texts.get(done)).toMatchObject({ reasoning: 'r', content: 'c' })
})

test('many append at once: each is told of its own, a neighbour that is gone or wrong harms none', async () => {
  const store = await open(await databaseUrl())
  const ids = await Promise.all(Array.from({ length: 30 }, () => generation(store)))
  const appends = ids.map((id, i) => store.appendEvents(id, 1, [delta(`a${i}`)]))
  const gone = store.appendEvents('none', 1, [delta('x')])
  const wrong = store.appendEvents(ids[0]!, 2, [delta('not for PostgreSQL: \0')])
  await Promise.all(appends)
  await expect(gone).rejects.toMatchObject({ code: 'not-found' })
  await expect(wrong).rejects.toMatchObject({ code: 'internal' })
  for (const [i, id] of ids.entries()) {
    expect(await store.readEvents(id, 0)).toEqual([{ seq: 1, event: delta(`a${i}`) }])
  }
})

test('many small batches are laid together under the same numbers', async () => {
  const store = await open(await databaseUrl())
  const id = await generation(store)
  for (let seq = 1; seq < 300; seq += 3) {
    await store.appendEvents(id, seq, [delta(`${seq}`), delta('b'), delta('c')])
  }
  const before = await store.readEvents(id, 0)
  await store.tidyEvents(id)
  expect(await store.readEvents(id, 0)).toEqual(before)
  expect(await store.readEvents(id, 254)).toEqual(before.slice(254))
  // What was sent before and arrives only now.
  await store.appendEvents(id, 4, [delta('4'), delta('b'), delta('c')])
  const end = { state: 'done' as const, reasoning: '', content: 'x' }
  await store.endGeneration(id, { ...end, last: { firstSeq: 298, events: [delta('298')] } })
  expect(await store.readEvents(id, 0)).toEqual(before)
})

test('another process hears of events and of a stop', async () => {
  const url = await databaseUrl()
  const [writer, follower] = await Promise.all([open(url), open(url)])
  const heard: unknown[] = []
  await follower.onGenerationNotice((notice) => heard.push(notice), 'web-2', ending.signal)
  const id = await generation(writer)
  await writer.appendEvents(id, 1, [delta('a')])
  await writer.requestStop(id)
  // In whichever order: they come over connections of their own, and who hears one looks.
  await vi.waitFor(() => {
    expect(heard).toContainEqual({ id, stop: false })
    expect(heard).toContainEqual({ id, stop: true })
  }, 30_000)
})

test('a lost database: ping fails, calls are unavailable, all recovers, missed notices come', async () => {
  const direct = await databaseUrl()
  const way = await openWay(direct)
  const [writer, follower] = await Promise.all([open(direct), open(way.url)])
  const heard: { id: string; stop: boolean }[] = []
  await follower.onGenerationNotice((notice) => heard.push(notice), 'web-2', ending.signal)
  const id = await generation(writer)

  way.cut()
  await expect(follower.ping()).rejects.toMatchObject({ code: 'unavailable' })
  await writer.requestStop(id)
  expect(heard).toEqual([])

  way.mend()
  await vi.waitFor(() => follower.ping(), { timeout: 30_000 })
  await vi.waitFor(() => expect(heard).toContainEqual({ id, stop: true }), { timeout: 30_000 })
  await writer.appendEvents(id, 1, [delta('a')])
  await vi.waitFor(() => expect(heard.at(-1)).toEqual({ id, stop: false }), 30_000)
  way.close()
})

test('a database that is not there is unavailable, and says nothing of its address', async () => {
  const nowhere = openStore('postgres://u:secret@127.0.0.1:1/none', {
    signal: ending.signal,
    connectWithinMs: 10,
  })
  await expect(nowhere).rejects.toMatchObject({
    code: 'unavailable',
    message: 'The database does not answer.',
  })
})
