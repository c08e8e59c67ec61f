import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTarget, type Target } from './target-cluster.ts'

let target: Target
let path: string
const apply = { contentType: 'application/apply-patch+yaml' }

beforeAll(async () => {
  target = await openTarget(process.env.KUBECONFIG)
  path = `/api/v1/namespaces/${target.namespace}/configmaps`
})
afterAll(() => target.close())

function configMap(name: string, data: object, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data }
}

test('an object is created once, read back, and replaced only from its current version', async () => {
  const created = await target.api.post(path, configMap('crud', { k: '1' }))
  expect(created.status).toBe(201)
  const again = await target.api.post(path, configMap('crud', { k: '1' }))
  expect([again.status, again.body.reason]).toEqual([409, 'AlreadyExists'])
  expect(again.body.message).toBe('configmaps "crud" already exists')

  const replaced = await target.api.put(`${path}/crud`, { ...created.body, data: { k: '2' } })
  expect([replaced.status, replaced.body.data]).toEqual([200, { k: '2' }])
  const stale = await target.api.put(`${path}/crud`, { ...created.body, data: { k: '3' } })
  expect([stale.status, stale.body.reason]).toEqual([409, 'Conflict'])
  expect((await target.api.get(`${path}/crud`)).body.data).toEqual({ k: '2' })
})

test('writing what is there already changes no version', async () => {
  const created = await target.api.post(path, configMap('same', { k: '1' }))
  const patched = await target.api.patch(`${path}/same`, { data: { k: '1' } })
  expect(patched.body.metadata.resourceVersion).toBe(created.body.metadata.resourceVersion)
})

test('bad names, namespaces, kinds and bodies are refused with their reason', async () => {
  const name = await target.api.post(path, configMap('Bad_Name', {}))
  expect([name.status, name.body.details.causes[0].field]).toEqual([422, 'metadata.name'])
  const elsewhere = await target.api.post(path, configMap('x', {}, { namespace: 'elsewhere' }))
  expect([elsewhere.status, elsewhere.body.reason]).toEqual([400, 'BadRequest'])
  const kind = await target.api.post(path, { ...configMap('x', {}), kind: 'Secret' })
  expect(kind.status).toBe(400)
  const broken = await target.api.post(path, '{"kind":')
  expect(broken.status).toBe(400)
  const strict = await target.api.post(`${path}?fieldValidation=Strict`, {
    ...configMap('x', {}),
    bogus: 1,
  })
  expect(strict.body.message).toContain('unknown field "bogus"')
  const typed = await target.api.post(path, { ...configMap('x', {}), data: { k: { deep: 1 } } })
  expect(typed.status).toBe(400)
})

test('unknown fields are dropped with a warning where nobody asks for strictness', async () => {
  const warned = await target.api.post(path, { ...configMap('warned', {}), bogus: 1 })
  expect(warned.status).toBe(201)
  expect(warned.headers.warning).toContain('unknown field \\"bogus\\"')
  expect(warned.body.bogus).toBeUndefined()
})

test('a dry run answers as the write would, and stores nothing', async () => {
  const dry = await target.api.post(`${path}?dryRun=All`, configMap('dry', { k: '1' }))
  expect([dry.status, dry.body.metadata.resourceVersion]).toEqual([201, undefined])
  expect((await target.api.get(`${path}/dry`)).status).toBe(404)
})

test('merge, JSON and strategic patches change what they name', async () => {
  await target.api.post(path, configMap('patched', { a: '1', b: '2' }))
  const merged = await target.api.patch(`${path}/patched`, { data: { a: null, c: '3' } })
  expect(merged.body.data).toEqual({ b: '2', c: '3' })
  const json = { contentType: 'application/json-patch+json' }
  const added = await target.api.patch(
    `${path}/patched`,
    [
      { op: 'test', path: '/data/b', value: '2' },
      { op: 'add', path: '/data/d', value: '4' },
    ],
    json,
  )
  expect(added.body.data.d).toBe('4')
  const failed = await target.api.patch(
    `${path}/patched`,
    [{ op: 'test', path: '/data/b', value: 'no' }],
    json,
  )
  expect([failed.status, failed.body.reason]).toEqual([422, 'Invalid'])
  const strategic = await target.api.patch(
    `${path}/patched`,
    { data: { e: '5' } },
    { contentType: 'application/strategic-merge-patch+json' },
  )
  expect(strategic.body.data).toEqual({ b: '2', c: '3', d: '4', e: '5' })
  const unknown = await target.api.patch(`${path}/patched`, 'x', { contentType: 'text/plain' })
  expect(unknown.status).toBe(415)
})

test('a strategic patch merges containers by name', async () => {
  const services = `/api/v1/namespaces/${target.namespace}/services`
  await target.api.post(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'ports' },
    spec: {
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    },
  })
  const patched = await target.api.patch(
    `${services}/ports`,
    {
      spec: {
        ports: [
          { port: 81, name: 'c' },
          { port: 80, $patch: 'delete' },
        ],
      },
    },
    { contentType: 'application/strategic-merge-patch+json' },
  )
  expect(patched.body.spec.ports.map((one: { name: string }) => one.name)).toEqual(['c'])
})

test('server-side apply owns fields, names conflicts, and takes them by force', async () => {
  const url = (manager: string, force = false) =>
    `${path}/applied?fieldManager=${manager}&force=${force}`
  const first = await target.api.patch(url('one'), configMap('applied', { k: '1', l: '1' }), apply)
  expect(first.status).toBe(201)
  const conflict = await target.api.patch(url('two'), configMap('applied', { k: '2' }), apply)
  expect([conflict.status, conflict.body.message]).toEqual([
    409,
    'Apply failed with 1 conflict: conflict with "one": .data.k',
  ])
  const same = await target.api.patch(url('two'), configMap('applied', { k: '1' }), apply)
  expect(same.status).toBe(200)
  const forced = await target.api.patch(url('two', true), configMap('applied', { k: '2' }), apply)
  expect(forced.body.data).toEqual({ k: '2', l: '1' })
  const without = await target.api.patch(url('one'), configMap('applied', {}), apply)
  expect(without.body.data).toEqual({ k: '2' })
  const unnamed = await target.api.patch(`${path}/applied`, configMap('applied', {}), apply)
  expect([unnamed.status, unnamed.body.details.causes[0].field]).toEqual([422, 'fieldManager'])
})

test('applying the same again changes nothing', async () => {
  const url = `${path}/idempotent?fieldManager=one`
  const body = configMap('idempotent', { k: '1' }, { labels: { a: 'b' } })
  const first = await target.api.patch(url, body, apply)
  const second = await target.api.patch(url, body, apply)
  expect(second.status).toBe(200)
  expect(second.body.metadata).toEqual(first.body.metadata)
})

test('a deletion respects preconditions and waits for finalizers', async () => {
  await target.api.post(path, configMap('held', {}, { finalizers: ['example.dev/hold'] }))
  const wrong = await target.api.delete(`${path}/held`, {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid: '00000000-0000-0000-0000-000000000000' },
  })
  expect([wrong.status, wrong.body.reason]).toEqual([409, 'Conflict'])
  const marked = await target.api.delete(`${path}/held`)
  expect(marked.body.metadata.deletionTimestamp).toBeTruthy()
  const more = await target.api.patch(`${path}/held`, {
    metadata: { finalizers: ['example.dev/hold', 'example.dev/other'] },
  })
  expect(more.status).toBe(422)
  const released = await target.api.patch(`${path}/held`, { metadata: { finalizers: null } })
  expect(released.status).toBe(200)
  expect((await target.api.get(`${path}/held`)).status).toBe(404)
})
