import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Body, eventually } from './api-caller.ts'
import { openTarget, type Target } from './target-cluster.ts'

let target: Target
let path: string
const group = `c${randomUUID().slice(0, 8)}.contract.example`
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

const specSchema = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 10 },
    mode: { type: 'string', enum: ['A', 'B'], default: 'A' },
    fixed: {
      type: 'string',
      'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed is immutable' }],
    },
  },
  'x-kubernetes-validations': [
    { rule: "self.mode != 'B' || self.size > 5", message: 'mode B needs a size over 5' },
  ],
}
const conditions = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: {
    type: 'object',
    required: ['type', 'status'],
    properties: { type: { type: 'string' }, status: { type: 'string' } },
  },
}

beforeAll(async () => {
  target = await openTarget(process.env.KUBECONFIG)
  path = `/apis/${group}/v1/namespaces/${target.namespace}/widgets`
  const created = await target.api.post(crds, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: target.clusterWide(`widgets.${group}`),
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          selectableFields: [{ jsonPath: '.spec.mode' }],
          additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              required: ['spec'],
              properties: {
                spec: specSchema,
                status: {
                  type: 'object',
                  properties: { phase: { type: 'string' }, conditions },
                },
              },
            },
          },
        },
      ],
    },
  })
  expect(created.status).toBe(201)
  await eventually(
    () => target.api.get(path),
    ({ status }) => status === 200,
  )
})
afterAll(() => target.close())

function widget(name: string, spec: object, more: object = {}): object {
  return { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name }, spec, ...more }
}

function fields(body: Body): string[] {
  return body.details.causes.map((one: Body) => one.field)
}

test('defaults are filled in, unknown fields pruned, a status on creation ignored', async () => {
  const created = await target.api.post(
    path,
    widget('one', { size: 3, unknown: 1, fixed: 'x' }, { status: { phase: 'Ignored' } }),
  )
  expect(created.body.spec).toEqual({ size: 3, mode: 'A', fixed: 'x' })
  expect([created.body.status, created.body.metadata.generation]).toEqual([undefined, 1])
})

test('schema and rules refuse, naming the field', async () => {
  const wrong = await target.api.post(path, widget('wrong', { size: 30, mode: 'C' }))
  expect(wrong.status).toBe(422)
  expect(fields(wrong.body)).toEqual(expect.arrayContaining(['spec.size', 'spec.mode']))
  const missing = await target.api.post(path, widget('missing', { mode: 'A' }))
  expect(fields(missing.body)).toContain('spec.size')
  const rule = await target.api.post(path, widget('rule', { size: 2, mode: 'B' }))
  expect(rule.body.message).toContain('mode B needs a size over 5')
  const changed = await target.api.patch(`${path}/one`, { spec: { fixed: 'y' } })
  expect(changed.body.message).toContain('fixed is immutable')
})

test('generation counts changes of the spec; the status is written apart', async () => {
  await target.api.post(path, widget('two', { size: 1 }))
  const ignored = await target.api.patch(`${path}/two`, { status: { phase: 'X' } })
  expect(ignored.body.status).toBeUndefined()
  const status = await target.api.patch(`${path}/two/status`, {
    status: { phase: 'Ready', conditions: [{ type: 'Ready', status: 'True' }] },
    spec: { size: 9 },
  })
  expect([status.body.status.phase, status.body.spec.size]).toEqual(['Ready', 1])
  const spec = await target.api.patch(`${path}/two`, { spec: { size: 4 } })
  expect([status.body.metadata.generation, spec.body.metadata.generation]).toEqual([1, 2])
  const merged = await target.api.patch(
    `${path}/two/status?fieldManager=other`,
    {
      apiVersion: `${group}/v1`,
      kind: 'Widget',
      status: { conditions: [{ type: 'Synced', status: 'True' }] },
    },
    { contentType: 'application/apply-patch+yaml' },
  )
  expect(merged.body.status.conditions.map((one: Body) => one.type)).toEqual(['Ready', 'Synced'])
})

test('selectable fields, printer columns, and no strategic patch', async () => {
  const listed = await target.api.get(`${path}?fieldSelector=spec.mode%3DB`)
  expect(listed.body.items).toEqual([])
  const table = await target.api.get(path, {
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  })
  expect(table.body.columnDefinitions.map((one: Body) => one.name)).toEqual(['Name', 'Size'])
  const strategic = await target.api.patch(
    `${path}/one`,
    {},
    {
      contentType: 'application/strategic-merge-patch+json',
    },
  )
  expect(strategic.status).toBe(415)
})

test('discovery knows the kind as long as its definition is there', async () => {
  const { body } = await target.api.get(`/apis/${group}/v1`)
  expect(body.resources.map((one: Body) => one.name)).toEqual(['widgets', 'widgets/status'])
  const unknown = await target.api.get('/apis/nope.contract.example/v1')
  expect(unknown.status).toBe(404)
})
