import { afterEach, expect, test } from 'vitest'
import { type ApiCaller, apiCaller, type Body } from './contract/api-caller.ts'
import { type ClusterOptions, type RunningCluster, startCluster } from './start-cluster.ts'

let cluster: RunningCluster | undefined
let api: ApiCaller | undefined
const path = '/api/v1/namespaces/default/configmaps'

afterEach(async () => {
  api?.close()
  await cluster?.close()
})

async function start(options: ClusterOptions = {}): Promise<[RunningCluster, ApiCaller]> {
  const started = await startCluster(options)
  const caller = apiCaller(started.url, { ca: started.ca }, started.adminToken)
  cluster = started
  api = caller
  return [started, caller]
}

function create(client: RunningCluster['client'], name: string): void {
  client.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
  })
}

async function firstOf(lines: AsyncGenerator<string>, wanted: (event: Body) => boolean) {
  for await (const line of lines) {
    const event = JSON.parse(line)
    if (wanted(event)) return event
  }
  return undefined
}

test('after a compaction, older versions and pages are gone for good', async () => {
  const [{ client, compact }, caller] = await start()
  for (const name of ['a', 'b', 'c']) create(client, name)
  const page = await caller.get(`${path}?limit=1`)
  create(client, 'd')
  compact()
  const token = encodeURIComponent(page.body.metadata.continue)
  const next = await caller.get(`${path}?limit=1&continue=${token}`)
  expect([next.status, next.body.reason]).toEqual([410, 'Expired'])
  const old = `${path}?watch=true&resourceVersion=${page.body.metadata.resourceVersion}`
  const event = await firstOf(caller.lines(old, new AbortController().signal), () => true)
  expect([event.type, event.object.code]).toEqual(['ERROR', 410])
})

test('a cut connection ends a watch, and the next one goes on from where it was', async () => {
  const [{ client, dropConnections }, caller] = await start()
  create(client, 'before')
  const { body } = await caller.get(path)
  const since = `${path}?watch=true&resourceVersion=${body.metadata.resourceVersion}`
  const watching = caller.lines(since, new AbortController().signal)
  const first = watching.next()
  create(client, 'during')
  await first
  dropConnections()
  await watching.next().catch(() => undefined)
  create(client, 'after')
  const event = await firstOf(
    caller.lines(since, new AbortController().signal),
    ({ object }) => object.metadata.name === 'after',
  )
  expect(event.type).toBe('ADDED')
})

test('five hundred watches see one change in ten thousand objects', async () => {
  const [{ client }, caller] = await start({ logMax: 20_000 })
  for (let n = 0; n < 10_000; n++) create(client, `n${n}`)
  const { body } = await caller.get(`${path}?limit=1`)
  const query = `watch=true&resourceVersion=${body.metadata.resourceVersion}`
  const end = new AbortController()
  const watches = Array.from({ length: 500 }, () => {
    const lines = caller.lines(`${path}?${query}`, end.signal)
    return lines.next()
  })
  create(client, 'news')
  const events = await Promise.all(watches)
  end.abort()
  const names = events.map(({ value }) => JSON.parse(value).object.metadata.name)
  expect(new Set(names)).toEqual(new Set(['news']))
}, 60_000)

test('a bad kustomization is said in one sentence, and nothing is left running', async () => {
  await expect(startCluster({ manifests: '/does/not/exist' })).rejects.toThrow('does not exist')
})

test('a taken port is said in one sentence', async () => {
  const [{ url }] = await start()
  const port = Number(new URL(url).port)
  await expect(startCluster({ port })).rejects.toThrow(`Port ${port} is taken`)
})
