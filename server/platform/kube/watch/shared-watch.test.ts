import type { ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { Namespace } from '#server/platform/kube/kinds.ts'
import { sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { sharedWatch } from './shared-watch.ts'

let stop: (() => Promise<void>) | undefined
afterEach(() => stop?.())

function namespace(name: string, resourceVersion: string) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, resourceVersion } }
}

/** An API server with a list that can be changed and watches that can be told things. */
async function scene(...first: object[]) {
  const state = { items: first, lists: 0, closed: 0, watches: new Set<ServerResponse>() }
  const server = await startScripted((request, response) => {
    if (request.url?.includes('watch=true')) {
      state.watches.add(response)
      response.on('close', () => {
        state.closed++
        state.watches.delete(response)
      })
      return response.writeHead(200).flushHeaders()
    }
    state.lists++
    return sendJson(response, 200, { metadata: { resourceVersion: '10' }, items: state.items })
  })
  const times = { retryBaseMs: 5, retryMaxMs: 20 }
  const kube = connectKube({ kubeconfigText: server.kubeconfig, times })
  const ending = new AbortController()
  stop = async () => {
    ending.abort()
    await kube.close()
    await server.close()
  }
  const say = (type: string, object: object) => {
    for (const watch of state.watches) watch.write(`${JSON.stringify({ type, object })}\n`)
  }
  return { kube, state, say, signal: ending.signal }
}

test('many askers, one upstream; it ends with the last of them', async () => {
  const { kube, state } = await scene(namespace('a', '1'))
  const askers = Array.from({ length: 50 }, () => new AbortController())
  const watches = askers.map(({ signal }) => sharedWatch(kube, Namespace, { signal }))
  expect(new Set(watches).size).toBe(1)
  await watches[0]?.synced(askers[0]!.signal)
  await expect.poll(() => state.watches.size).toBe(1)
  expect(state.lists).toBe(1)

  for (const asker of askers.slice(1)) asker.abort()
  expect(state.closed).toBe(0)
  askers[0]?.abort()
  await expect.poll(() => state.closed).toBe(1)

  const later = new AbortController()
  const again = sharedWatch(kube, Namespace, { signal: later.signal })
  expect(again).not.toBe(watches[0])
  await again.synced(later.signal)
  later.abort()
})

test('a late subscriber is told what is known; changes reach all; what was written is read back', async () => {
  const { kube, say, state, signal } = await scene(namespace('a', '1'))
  const watch = sharedWatch(kube, Namespace, { signal })
  await watch.synced(signal)
  const heard: string[] = []
  watch.subscribe((event) => {
    if (event.type === 'snapshot') heard.push(`snapshot ${event.objects.length}`)
    else if (event.type !== 'stale') heard.push(`${event.type} ${event.object.metadata.name}`)
  }, signal)
  watch.remember(namespace('b', '12'))
  expect(watch.get('b')?.metadata.resourceVersion).toBe('12')
  await expect.poll(() => state.watches.size).toBe(1)
  // The echo of our own write and what is older than it change nothing.
  say('ADDED', namespace('b', '12'))
  say('MODIFIED', namespace('b', '9'))
  say('MODIFIED', namespace('a', '13'))
  say('DELETED', namespace('b', '14'))
  await expect.poll(() => watch.get('b')).toBeUndefined()
  expect(heard).toEqual(['snapshot 1', 'upsert b', 'upsert a', 'remove b'])
})

test('a relist comes as the changes that it amounts to', async () => {
  const { kube, say, state, signal } = await scene(namespace('a', '1'), namespace('b', '2'))
  const watch = sharedWatch(kube, Namespace, { signal })
  const heard: string[] = []
  watch.subscribe((event) => {
    if (event.type === 'upsert' || event.type === 'remove') {
      heard.push(`${event.type} ${event.object.metadata.name}`)
    } else heard.push(event.type)
  }, signal)
  await expect.poll(() => state.watches.size).toBe(1)
  state.items = [namespace('a', '1'), namespace('c', '30')]
  say('ERROR', { kind: 'Status', reason: 'Expired', code: 410 })
  await expect.poll(() => heard).toEqual(['snapshot', 'remove b', 'upsert c'])
})

test('a reader that fell far behind gets a snapshot of what is true now', async () => {
  const { kube, state, signal } = await scene(namespace('a', '1'))
  const watch = sharedWatch(kube, Namespace, { signal })
  await watch.synced(signal)
  await expect.poll(() => state.watches.size).toBe(1)
  const reader = watch.changes(signal)[Symbol.asyncIterator]()
  expect((await reader.next()).value).toMatchObject({ type: 'snapshot' })
  for (let version = 2; version < 3_000; version++) watch.remember(namespace('a', `${version}`))
  const next = (await reader.next()).value
  expect(next).toMatchObject({
    type: 'snapshot',
    objects: [{ metadata: { resourceVersion: '2999' } }],
  })
  watch.remember(namespace('b', '3000'))
  expect((await reader.next()).value).toMatchObject({ type: 'upsert' })
})
