import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Body } from './api-caller.ts'
import { openTarget, type Target } from './target-cluster.ts'

let target: Target
let path: string

beforeAll(async () => {
  target = await openTarget(process.env.KUBECONFIG)
  path = `/api/v1/namespaces/${target.namespace}/configmaps`
  for (const n of [0, 1, 2, 3, 4]) await create(`l${n}`, { app: 'l', n: String(n) })
})
afterAll(() => target.close())

function create(name: string, labels: Record<string, string>) {
  return target.api.post(path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels } })
}

async function names(query: string): Promise<string[]> {
  const { body } = await target.api.get(`${path}?${query}`)
  return body.items.map((one: Body) => one.metadata.name)
}

/** Collects events until one fulfils the condition. */
async function watch(query: string, isLast: (event: Body) => boolean): Promise<Body[]> {
  const end = new AbortController()
  const events: Body[] = []
  try {
    for await (const line of target.api.lines(`${path}?watch=true&${query}`, end.signal)) {
      const event = JSON.parse(line)
      events.push(event)
      if (isLast(event)) break
    }
  } finally {
    end.abort()
  }
  return events
}

test('label selectors of every form', async () => {
  expect(await names('labelSelector=n+in+(1,2),app')).toEqual(['l1', 'l2'])
  expect(await names('labelSelector=n+notin+(1,2),app%3D%3Dl')).toEqual(['l0', 'l3', 'l4'])
  expect(await names('labelSelector=app,n!%3D0,n!%3D1')).toEqual(['l2', 'l3', 'l4'])
  expect(await names('labelSelector=!app')).not.toContain('l0')
  const bad = await target.api.get(`${path}?labelSelector=a%20b`)
  expect([bad.status, bad.body.message]).toEqual([
    400,
    "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
  ])
})

test('field selectors, known and unknown', async () => {
  expect(await names('fieldSelector=metadata.name%3Dl1')).toEqual(['l1'])
  const unknown = await target.api.get(`${path}?fieldSelector=data.x%3D1`)
  expect([unknown.status, unknown.body.reason]).toEqual([400, 'BadRequest'])
})

test('pages show one state, whatever happens between them', async () => {
  const first = await target.api.get(`${path}?labelSelector=app%3Dl&limit=2`)
  await create('l2a', { app: 'l', n: '2a' })
  const token = encodeURIComponent(first.body.metadata.continue)
  const rest = await target.api.get(`${path}?labelSelector=app%3Dl&limit=10&continue=${token}`)
  const all = [...first.body.items, ...rest.body.items].map((one: Body) => one.metadata.name)
  expect(all).toEqual(['l0', 'l1', 'l2', 'l3', 'l4'])
  await target.api.delete(`${path}/l2a`)
  const garbage = await target.api.get(`${path}?continue=garbage&limit=2`)
  expect([garbage.status, garbage.body.reason]).toEqual([400, 'BadRequest'])
})

test('a Table has columns and a row for each object', async () => {
  const { body } = await target.api.get(`${path}?labelSelector=app%3Dl`, {
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  })
  expect(body.kind).toBe('Table')
  expect(body.columnDefinitions.map((one: Body) => one.name)).toEqual(['Name', 'Data', 'Age'])
  expect(body.rows[0].cells.slice(0, 2)).toEqual(['l0', 0])
})

test('a watch from a list sees every change after it, in order', async () => {
  const { body } = await target.api.get(path)
  const since = body.metadata.resourceVersion
  const seen = watch(
    `resourceVersion=${since}&fieldSelector=metadata.name%3Dwatched`,
    ({ type }) => type === 'DELETED',
  )
  await create('watched', {})
  await target.api.patch(`${path}/watched`, { data: { k: '1' } })
  await target.api.delete(`${path}/watched`)
  expect((await seen).map((event) => event.type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
})

test('an object that starts or stops to match a selector is added or deleted', async () => {
  const { body } = await target.api.get(path)
  const since = body.metadata.resourceVersion
  await target.api.patch(`${path}/l0`, { metadata: { labels: { pick: 'me' } } })
  await target.api.patch(`${path}/l0`, { metadata: { labels: { pick: 'no' } } })
  const events = await watch(
    `resourceVersion=${since}&labelSelector=pick%3Dme`,
    ({ type }) => type === 'DELETED',
  )
  expect(events.map((event) => event.type)).toEqual(['ADDED', 'DELETED'])
})

test('a streaming list ends with its bookmark', async () => {
  const events = await watch(
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=app%3Dl',
    ({ type }) => type === 'BOOKMARK',
  )
  const bookmark = events.at(-1)
  expect(events.filter(({ type }) => type === 'ADDED')).toHaveLength(5)
  expect(bookmark.object.metadata.annotations['k8s.io/initial-events-end']).toBe('true')
})

test('a watch ends after its timeout, and one from long ago has all events or says that they are forgotten', async () => {
  const started = Date.now()
  await watch('timeoutSeconds=1&fieldSelector=metadata.name%3Dnone', () => false)
  expect(Date.now() - started).toBeGreaterThanOrEqual(900)
  const ago = await watch(
    'resourceVersion=1',
    ({ type, object }) => type === 'ERROR' || object.metadata.name === 'l4',
  )
  const [first] = ago
  // A young cluster has forgotten nothing yet.
  if (first.type === 'ERROR')
    expect([first.object.code, first.object.reason]).toEqual([410, 'Expired'])
  else expect(ago.map(({ object }) => object.metadata.name)).toEqual(expect.arrayContaining(['l0']))
})

test('a collection is deleted by selector', async () => {
  await create('c1', { gone: 'yes' })
  await create('c2', { gone: 'yes' })
  const deleted = await target.api.delete(`${path}?labelSelector=gone%3Dyes`)
  expect(deleted.status).toBe(200)
  expect(await names('labelSelector=gone%3Dyes')).toEqual([])
  expect(await names('labelSelector=app%3Dl')).toHaveLength(5)
})
