import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { WriteContext } from '#server/lab/cluster/api/resource.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { customResourceDefinitions } from '#server/lab/cluster/crd/crd-resource.ts'
import { resourceOfCrd } from '#server/lab/cluster/crd/resource-of-crd.ts'
import type { Schema } from '#server/lab/cluster/crd/schema/schema.ts'

function crdOf(schema: Schema, spec: object = {}): KubeObject {
  const crd: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.dev', uid: '', resourceVersion: '', creationTimestamp: '' },
    spec: {
      group: 'example.dev',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      ...spec,
    },
  }
  customResourceDefinitions.defaults?.(crd, context)
  return crd
}

// Validation reads nothing of the context but the subresource.
const context = { subresource: undefined } as WriteContext

function lines(crd: KubeObject, old?: KubeObject): string[] {
  const causes = customResourceDefinitions.validate?.(crd, old, context) ?? []
  return causes.map((one) => `${one.field}: ${one.message}`)
}

test('names are filled in and a sound CRD passes', () => {
  const crd = crdOf({ type: 'object' })
  expect(crd.spec.names).toEqual({
    plural: 'widgets',
    singular: 'widget',
    kind: 'Widget',
    listKind: 'WidgetList',
  })
  expect(crd.spec.conversion).toEqual({ strategy: 'None' })
  expect(lines(crd)).toEqual([])
})

test('the name follows from the plural and the group', () => {
  const crd = crdOf({ type: 'object' }, { group: 'other.dev' })
  expect(lines(crd)).toEqual([
    'metadata.name: Invalid value: "widgets.example.dev": must be spec.names.plural+"."+spec.group',
  ])
})

test.each<[string, Schema, string]>([
  [
    'no type',
    { type: 'object', properties: { a: {} } },
    'spec.validation.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields',
  ],
  [
    'no root type',
    {},
    'spec.validation.openAPIV3Schema.type: Required value: must not be empty at the root',
  ],
  [
    'no items',
    { type: 'object', properties: { a: { type: 'array' } } },
    'spec.validation.openAPIV3Schema.properties[a].items: Required value: must be specified',
  ],
  [
    'a default that is not allowed',
    { type: 'object', properties: { a: { type: 'string', enum: ['x'], default: 'y' } } },
    'spec.validation.openAPIV3Schema.properties[a].default: Unsupported value: "y": supported values: "x"',
  ],
  [
    'a bad pattern',
    { type: 'object', properties: { a: { type: 'string', pattern: '(' } } },
    'spec.validation.openAPIV3Schema.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but is not',
  ],
  [
    'a key that may be absent',
    {
      type: 'object',
      properties: {
        a: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', properties: { k: { type: 'string' } } },
        },
      },
    },
    'spec.validation.openAPIV3Schema.properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
  ],
  [
    'a rule without text',
    { type: 'object', 'x-kubernetes-validations': [{ rule: ' ' }] },
    'spec.validation.openAPIV3Schema.x-kubernetes-validations[0].rule: Required value: rule is not specified',
  ],
  [
    'a field path to nowhere',
    { type: 'object', 'x-kubernetes-validations': [{ rule: 'true', fieldPath: '.nope' }] },
    'spec.validation.openAPIV3Schema.x-kubernetes-validations[0].fieldPath: Invalid value: ".nope": fieldPath ".nope" must be a valid path: does not refer to a valid field',
  ],
])('refused: %s', (_what, schema, line) => {
  expect(lines(crdOf(schema))).toEqual([line])
})

test('a rule that does not compile is shown where it stands', () => {
  const spec: Schema = {
    type: 'object',
    properties: { size: { type: 'integer' } },
    'x-kubernetes-validations': [{ rule: 'self.sise > 1' }],
  }
  const [line] = lines(crdOf({ type: 'object', properties: { spec } }))
  expect(line).toContain(
    'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: ',
  )
  expect(line).toContain(
    "compilation failed: ERROR: <input>:1:5: undefined field 'sise'\n | self.sise > 1\n | ....^",
  )
})

test('items of a list without keys have no old self', () => {
  const items: Schema = {
    type: 'string',
    'x-kubernetes-validations': [{ rule: 'self == oldSelf' }],
  }
  const [line] = lines(crdOf({ type: 'object', properties: { a: { type: 'array', items } } }))
  expect(line).toContain(
    'oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema.properties[a]',
  )
})

test('exactly one version is stored; an established kind keeps its scope', () => {
  const version = {
    name: 'v1',
    served: true,
    storage: false,
    schema: { openAPIV3Schema: { type: 'object' } },
  }
  expect(lines(crdOf({}, { versions: [version] }))[0]).toContain(
    'must have exactly one version marked as storage version',
  )
  const old = crdOf({ type: 'object' })
  old.status = { conditions: [{ type: 'Established', status: 'True' }] }
  expect(lines(crdOf({ type: 'object' }, { scope: 'Cluster' }), old)).toEqual([
    'spec.scope: Invalid value: "Cluster": field is immutable',
  ])
})

test('unknown fields are found, also deep inside a schema', () => {
  const crd = crdOf(
    { type: 'object', properties: { a: { type: 'string', maxlength: 3 } } } as Schema,
    { extra: 1 },
  )
  expect(customResourceDefinitions.unknownFields?.(crd)).toEqual([
    'spec.versions[0].schema.openAPIV3Schema.properties.a.maxlength',
    'spec.extra',
  ])
})

test('the served resource has the columns, fields and subresources of the version', () => {
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: { mode: { type: 'string' } } } },
      },
    },
    subresources: { status: {} },
    selectableFields: [{ jsonPath: '.spec.mode' }],
    additionalPrinterColumns: [
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: 'Since', type: 'date', jsonPath: '.status.since' },
    ],
  }
  const crd = crdOf({}, { versions: [version] })
  expect(resourceOfCrd(crd)).toBeUndefined()
  crd.status = { conditions: [{ type: 'NamesAccepted', status: 'True' }] }
  const resource = resourceOfCrd(crd)
  const widget: KubeObject = {
    apiVersion: 'example.dev/v1',
    kind: 'Widget',
    metadata: { name: 'one', uid: '', resourceVersion: '', creationTimestamp: '' },
    spec: { mode: 'A' },
    status: {
      conditions: [
        { type: 'Synced', status: 'False' },
        { type: 'Ready', status: 'True' },
      ],
      since: new Date(Date.now() - 90_000).toISOString(),
    },
  }
  expect(resource?.columns.map((one) => one.cell(widget))).toEqual(['one', 'True', '90s'])
  expect(resource?.selectableFields?.['spec.mode']?.(widget)).toBe('A')
  expect(resource).toMatchObject({
    plural: 'widgets',
    namespaced: true,
    subresources: { status: true },
    custom: true,
  })
})

const crdDir = 'manifests/crds'
const files = existsSync(crdDir) ? readdirSync(crdDir).filter((one) => /\.ya?ml$/.test(one)) : []
describe.runIf(files.length > 0)('our own CRDs', () => {
  const crds = files.flatMap((file) =>
    parseAllDocuments(readFileSync(`${crdDir}/${file}`, 'utf8'))
      .map((one) => one.toJS())
      .filter((one) => one?.kind === 'CustomResourceDefinition')
      .map((one): [string, KubeObject] => [one.metadata.name, structuredClone(one)]),
  )
  test.each(crds)('%s is accepted and has no unknown fields', (_name, crd) => {
    const plain: KubeObject = JSON.parse(JSON.stringify(crd))
    expect(customResourceDefinitions.unknownFields?.(plain)).toEqual([])
    customResourceDefinitions.defaults?.(plain, context)
    expect(lines(plain)).toEqual([])
    plain.status = { conditions: [{ type: 'NamesAccepted', status: 'True' }] }
    expect(resourceOfCrd(plain)).toMatchObject({ kind: plain.spec.names.kind })
  })
})
