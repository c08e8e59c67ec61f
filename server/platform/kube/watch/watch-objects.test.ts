import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { Namespace } from '#server/platform/kube/kinds.ts'
import type { Kube, WatchedEvent } from '#server/platform/kube/kube.ts'
import { sendJson, startScripted } from '#server/testing/scripted-api.ts'

let stop: (() => Promise<void>) | undefined
afterEach(async () => {
  await stop?.()
  stop = undefined
})

type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
) => unknown

/** An API server whose lists and watches answer as told, in order; the last answer stands for all that follow. */
async function watched(answers: { lists: Answer[]; watches: Answer[] }) {
  const counts = { lists: 0, watches: 0 }
  const pick = (all: Answer[], at: number): Answer => all[Math.min(at, all.length - 1)] ?? hang
  const server = await startScripted((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams
    const answer = query.get('watch')
      ? pick(answers.watches, counts.watches++)
      : pick(answers.lists, counts.lists++)
    answer(request, response, query)
  })
  const times = { retryBaseMs: 5, retryMaxMs: 20, idleMs: 200, retriesMax: 0 }
  const kube = connectKube({ kubeconfigText: server.kubeconfig, times })
  const ending = new AbortController()
  stop = async () => {
    ending.abort()
    await kube.close()
    await server.close()
  }
  return { kube, counts, ending, server }
}

function namespace(name: string, resourceVersion: string) {
  return { metadata: { name, resourceVersion } }
}

function listOf(resourceVersion: string, ...items: object[]): Answer {
  return (_, response) => sendJson(response, 200, { metadata: { resourceVersion }, items })
}

function events(...lines: object[]): Answer {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    for (const line of lines) response.write(`${JSON.stringify(line)}\n`)
  }
}

const hang: Answer = (_, response) => response.writeHead(200).flushHeaders()
const cut: Answer = (request) => request.socket.destroy()
const fail: Answer = (_, response) => sendJson(response, 500, {})
const expired = { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 }

/** Reads until the events say so, as short words. */
async function readUntil(kube: Kube, signal: AbortSignal, enough: (words: string[]) => boolean) {
  const words: string[] = []
  for await (const event of kube.watch(Namespace, { signal })) {
    words.push(wordOf(event))
    if (enough(words)) break
  }
  return words
}

function wordOf(event: WatchedEvent<Namespace>): string {
  if (event.type === 'stale') return 'stale'
  if (event.type === 'snapshot') {
    return `snapshot ${event.objects.map((one) => one.metadata.name).join(' ')}`.trim()
  }
  return `${event.type} ${event.object.kind} ${event.object.metadata.name}`
}

test('a snapshot, then changes; bookmarks move the place from which a cut watch goes on', async () => {
  const from: (string | null)[] = []
  const { kube, ending, counts } = await watched({
    lists: [listOf('10', namespace('a', '3'))],
    watches: [
      (request, response, query) => {
        from.push(query.get('resourceVersion'))
        events(
          { type: 'ADDED', object: namespace('b', '11') },
          { type: 'BOOKMARK', object: { metadata: { resourceVersion: '20' } } },
        )(request, response, query)
        setTimeout(() => request.socket.destroy(), 10)
      },
      (request, response, query) => {
        from.push(query.get('resourceVersion'))
        events({ type: 'DELETED', object: namespace('b', '21') })(request, response, query)
      },
    ],
  })
  const words = await readUntil(kube, ending.signal, (all) => all.length === 3)
  expect(words).toEqual(['snapshot a', 'upsert Namespace b', 'remove Namespace b'])
  expect(from).toEqual(['10', '20'])
  expect(counts.lists).toBe(1)
})

test('too old a version lists again and nobody is told that anything was stale', async () => {
  for (const gone of [
    events({ type: 'ERROR', object: expired }),
    ((_, response) => sendJson(response, 410, expired)) as Answer,
  ]) {
    const { kube, ending } = await watched({
      lists: [listOf('10', namespace('a', '3')), listOf('90', namespace('c', '80'))],
      watches: [gone, hang],
    })
    const words = await readUntil(kube, ending.signal, (all) => all.length === 2)
    expect(words).toEqual(['snapshot a', 'snapshot c'])
    await stop?.()
  }
})

test('an upstream that stays away is stale once, and a snapshot follows when it is back', async () => {
  const { kube, ending } = await watched({
    lists: [listOf('10', namespace('a', '3')), cut, fail, fail, listOf('12', namespace('b', '4'))],
    watches: [cut, cut, hang],
  })
  const words = await readUntil(kube, ending.signal, (all) => all.includes('snapshot b'))
  expect(words).toEqual(['snapshot a', 'stale', 'snapshot b'])
})

test('a half-open watch is found out and taken up where it stood', async () => {
  const { kube, ending, counts } = await watched({
    lists: [listOf('10')],
    watches: [hang, events({ type: 'ADDED', object: namespace('late', '11') })],
  })
  const words = await readUntil(kube, ending.signal, (all) => all.length === 2)
  expect(words).toEqual(['snapshot', 'upsert Namespace late'])
  expect(counts).toEqual({ lists: 1, watches: 2 })
})

test('a server that ends every watch at once is not asked in a tight loop', async () => {
  const begunMs = performance.now()
  const { kube, ending, counts } = await watched({
    lists: [listOf('10')],
    watches: [
      (_, response) => {
        response.writeHead(200).end()
        if (counts.watches === 20) ending.abort()
      },
    ],
  })
  await readUntil(kube, ending.signal, () => false)
  expect(counts).toEqual({ lists: 1, watches: 20 })
  // 2.5 and 5 ms before the first two of them, at least 10 ms before each that follows.
  expect(performance.now() - begunMs).toBeGreaterThan(150)
})

test('an event in pieces, characters torn between chunks', async () => {
  const { kube, ending } = await watched({
    lists: [listOf('10')],
    watches: [
      async (_, response) => {
        const object = namespace('x', '11')
        const text = JSON.stringify({ type: 'ADDED', object: { ...object, note: '向量 ∑' } })
        for (const byte of Buffer.from(`${text}\n`)) {
          await new Promise((done) => response.write(Buffer.of(byte), done))
        }
      },
    ],
  })
  let note: unknown
  for await (const event of kube.watch(Namespace, { signal: ending.signal })) {
    if (event.type === 'upsert') note = 'note' in event.object && event.object.note
    if (note) break
  }
  expect(note).toBe('向量 ∑')
})

test('the end of the signal ends the iteration, and the connection with it', async () => {
  let closed = false
  const { kube, ending } = await watched({
    lists: [listOf('1')],
    watches: [
      (request, response, query) => {
        hang(request, response, query)
        request.socket.on('close', () => {
          closed = true
        })
        ending.abort()
      },
    ],
  })
  expect(await readUntil(kube, ending.signal, () => false)).toEqual(['snapshot'])
  await expect.poll(() => closed).toBe(true)
})
