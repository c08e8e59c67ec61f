import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileSchema } from './compile-schema.ts'
import type { Json, JsonObject, Schema } from './schema.ts'

const widget: Schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 10 },
        mode: { type: 'string', enum: ['A', 'B'], default: 'A' },
        name: { type: 'string', maxLength: 5, pattern: '^[a-z]+$' },
        fixed: {
          type: 'string',
          'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed is immutable' }],
        },
        when: { type: 'string', format: 'date-time' },
        tags: {
          type: 'array',
          items: { type: 'string' },
          maxItems: 2,
          'x-kubernetes-list-type': 'set',
        },
      },
      'x-kubernetes-validations': [
        {
          rule: "self.mode != 'B' || self.size > 5",
          message: 'mode B needs a size over 5',
          fieldPath: '.size',
        },
      ],
    },
    status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
}

function widgetOf(spec: JsonObject): JsonObject {
  return { apiVersion: 'example.dev/v1', kind: 'Widget', metadata: { name: 'one' }, spec }
}

function lines(schema: Schema, object: Json, old?: Json): string[] {
  return compileSchema(schema)
    .validate(object, old)
    .map((one) => `${one.field}: ${one.message}`)
}

test('all that is wrong is reported at once, and rules wait until the types are right', () => {
  const spec = { size: 30, mode: 'C', name: 'TOOLONG', when: 'yesterday', tags: ['a', 'a', 'b'] }
  expect(lines(widget, widgetOf(spec))).toEqual([
    'spec.mode: Unsupported value: "C": supported values: "A", "B"',
    'spec.name: Too long: may not be more than 5 bytes',
    'spec.size: Invalid value: 30: spec.size in body should be less than or equal to 10',
    'spec.tags: Too many: 3: must have at most 2 items',
    'spec.when: Invalid value: "yesterday": spec.when in body must be of type date-time: "yesterday"',
    'spec.tags[1]: Duplicate value: "a"',
    '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  ])
})

test('a rule names the field that it was told to name', () => {
  expect(lines(widget, widgetOf({ size: 2, mode: 'B' }))).toEqual([
    'spec.size: Invalid value: mode B needs a size over 5',
  ])
})

test('a transition rule speaks only where there is an old value', () => {
  const fixed = widgetOf({ size: 2, mode: 'A', fixed: 'y' })
  expect(lines(widget, fixed)).toEqual([])
  expect(lines(widget, fixed, widgetOf({ size: 2, mode: 'A' }))).toEqual([])
  expect(lines(widget, fixed, widgetOf({ size: 2, mode: 'A', fixed: 'x' }))).toEqual([
    'spec.fixed: Invalid value: "y": fixed is immutable',
  ])
})

test('wrong JSON types are named', () => {
  expect(lines(widget, widgetOf({ size: 'three' }))[0]).toBe(
    'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
  )
  expect(
    lines(
      { type: 'object', properties: { port: { 'x-kubernetes-int-or-string': true } } },
      { port: true },
    ),
  ).toEqual([
    'port: Invalid value: "boolean": port in body must be of type integer,string: "boolean"',
  ])
  expect(
    lines({ type: 'object', properties: { a: { type: 'string', nullable: true } } }, { a: null }),
  ).toEqual([])
})

test('minimum lengths, patterns, multiples, sizes', () => {
  const schema: Schema = {
    type: 'object',
    properties: {
      short: { type: 'string', minLength: 1 },
      lower: { type: 'string', pattern: '^(?:[a-z]+)$' },
      even: { type: 'integer', multipleOf: 2 },
      over: { type: 'number', minimum: 0, exclusiveMinimum: true },
      list: { type: 'array', minItems: 1, items: { type: 'string' } },
      map: { type: 'object', maxProperties: 1, additionalProperties: { type: 'string' } },
    },
  }
  expect(
    lines(schema, { short: '', lower: 'A', even: 3, over: 0, list: [], map: { a: 'a', b: 'b' } }),
  ).toEqual([
    'even: Invalid value: 3: even in body should be a multiple of 2',
    'list: Invalid value: 0: list in body should have at least 1 items',
    'lower: Invalid value: "A": lower in body should match \'^(?:[a-z]+)$\'',
    'map: Too many: 2: must have at most 1 item',
    'over: Invalid value: 0: over in body should be greater than 0',
    'short: Invalid value: "": short in body should be at least 1 chars long',
  ])
})

test('oneOf and anyOf say how many alternatives hold', () => {
  const schema: Schema = {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string' } },
    oneOf: [{ required: ['a'] }, { required: ['b'] }],
  }
  expect(lines(schema, { a: 'x' })).toEqual([])
  expect(lines(schema, { a: 'x', b: 'y' })).toEqual([
    '<nil>: Invalid value: "": "" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ])
})

test('pruning drops what is unknown, defaulting fills what is absent, nulls count as absent', () => {
  const schema = compileSchema(widget)
  const object = {
    ...widgetOf({ size: 3, mode: null, name: null, unknown: 1 }),
    extra: {},
    status: { any: 1 },
  }
  expect(schema.unknownFields(object)).toEqual(['spec.unknown', 'extra'])
  expect(schema.prune(object)).toEqual(['spec.unknown', 'extra'])
  schema.applyDefaults(object)
  expect(object).toEqual({ ...widgetOf({ size: 3, mode: 'A' }), status: { any: 1 } })
})

test('preserved and described fields live side by side', () => {
  const schema = compileSchema({
    type: 'object',
    properties: {
      raw: {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { known: { type: 'object', properties: { a: { type: 'string' } } } },
      },
    },
  })
  const object = { raw: { free: { x: [1] }, known: { a: 'a', b: 'b' } } }
  schema.prune(object)
  expect(object).toEqual({ raw: { free: { x: [1] }, known: { a: 'a' } } })
})

test('inherited names of JavaScript are ordinary field names', () => {
  const schema = compileSchema(widget)
  const object: JsonObject = JSON.parse(
    '{"spec":{"size":1,"constructor":1,"__proto__":{"polluted":true}}}',
  )
  schema.prune(object)
  schema.applyDefaults(object)
  expect(JSON.stringify(object.spec)).toBe('{"size":1,"mode":"A"}')
  expect(lines(widget, JSON.parse('{"spec":{"size":1,"mode":"A","toString":1}}'))).toEqual([])
})

test('map lists are correlated by key, and a key may stand once', () => {
  const schema: Schema = {
    type: 'object',
    properties: {
      ports: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: {
          type: 'object',
          required: ['name'],
          properties: {
            name: { type: 'string' },
            port: {
              type: 'integer',
              'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'no lower' }],
            },
          },
        },
      },
    },
  }
  const old = {
    ports: [
      { name: 'a', port: 1 },
      { name: 'b', port: 5 },
    ],
  }
  expect(
    lines(
      schema,
      {
        ports: [
          { name: 'b', port: 4 },
          { name: 'a', port: 2 },
        ],
      },
      old,
    ),
  ).toEqual(['ports[0].port: Invalid value: 4: no lower'])
  expect(lines(schema, { ports: [{ name: 'a' }, { name: 'a' }] })).toEqual([
    'ports[1]: Duplicate value: {"name":"a"}',
  ])
})

const shape: fc.Arbitrary<Schema> = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ type: fc.constant('string'), nullable: fc.boolean() }),
    fc.record({ type: fc.constant('string'), default: fc.string() }),
    fc.record({ type: fc.constant('integer'), default: fc.integer() }),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), tie('schema')),
    }),
    fc.record({
      type: fc.constant('object'),
      default: fc.constant({}),
      properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema')),
    }),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') }),
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.constant({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
  ),
})).schema

const anyJson = fc
  .jsonValue({ depthSize: 'medium' })
  .map((value): Json => JSON.parse(JSON.stringify(value)))

test('pruning and defaulting a second time changes nothing', () => {
  fc.assert(
    fc.property(
      shape,
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'x'), anyJson),
      (one, fields) => {
        const schema = compileSchema({ type: 'object', properties: { a: one, b: one } })
        const object: JsonObject = { ...fields }
        schema.prune(object)
        schema.applyDefaults(object)
        const first = JSON.stringify(object)
        expect(schema.prune(object)).toEqual([])
        schema.applyDefaults(object)
        expect(JSON.stringify(object)).toBe(first)
      },
    ),
  )
})

const recording = '../shared/kube-recordings/04-custom-resources.json'
describe.runIf(existsSync(recording))('as a real cluster answered', () => {
  type Body = JsonObject & { details?: { causes?: Json } }
  type Version = { schema: { openAPIV3Schema: Schema } }
  type Exchange = {
    note?: string
    request: { method: string; body: JsonObject }
    response: { status: number; body: Body }
  }
  const exchanges: Exchange[] = existsSync(recording)
    ? JSON.parse(readFileSync(recording, 'utf8')).exchanges
    : []
  const crd = exchanges[0]?.request.body as unknown as { spec: { versions: Version[] } }
  const creations = exchanges.filter(
    ({ request, response }) =>
      request.body?.kind === 'Widget' && request.method === 'POST' && response.status !== 400,
  )
  test.each(creations)('$note', ({ request, response }) => {
    const schema = compileSchema(crd.spec.versions[0]!.schema.openAPIV3Schema)
    const { status: _ignoredOnCreate, ...object } = structuredClone(request.body)
    schema.prune(object)
    schema.applyDefaults(object)
    expect(schema.validate(object)).toEqual(response.body.details?.causes ?? [])
    if (response.status === 201) expect(object.spec).toEqual(response.body.spec)
  })
})
