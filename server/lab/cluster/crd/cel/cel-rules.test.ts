import { expect, test } from 'vitest'
import { compileSchema } from '#server/lab/cluster/crd/schema/compile-schema.ts'
import type { Json, Schema, ValidationRule } from '#server/lab/cluster/crd/schema/schema.ts'

const fields: Record<string, Schema> = {
  name: { type: 'string' },
  size: { type: 'integer' },
  ratio: { type: 'number' },
  when: { type: 'string', format: 'date-time' },
  wait: { type: 'string', format: 'duration' },
  tags: { type: 'array', items: { type: 'string' } },
  labels: { type: 'object', additionalProperties: { type: 'string' } },
  port: { 'x-kubernetes-int-or-string': true },
  namespace: { type: 'string' },
  'a-b.c': { type: 'integer' },
  inner: { type: 'object', properties: { kind: { type: 'string' }, deep: { type: 'string' } } },
  conditions: {
    type: 'array',
    items: { type: 'object', properties: { type: { type: 'string' }, status: { type: 'string' } } },
  },
  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
}

const value = {
  name: 'ada-lovelace',
  size: 4,
  ratio: 0.5,
  when: '2026-11-23T18:17:22Z',
  wait: '1h30m',
  tags: ['a', 'b'],
  labels: { team: 'x' },
  port: 8080,
  namespace: 'n',
  'a-b.c': 3,
  inner: { kind: 'k' },
  conditions: [{ type: 'Ready', status: 'True' }],
  free: { x: 1 },
}

function schemaOf(rule: Partial<ValidationRule> & { rule: string }): Schema {
  const spec: Schema = { type: 'object', properties: fields, 'x-kubernetes-validations': [rule] }
  return { type: 'object', properties: { spec } }
}

function run(rule: string, object: Json = value, old?: Json): string[] {
  const schema = compileSchema(schemaOf({ rule }))
  expect(schema.problems.map((one) => one.detail)).toEqual([])
  const before = old === undefined ? undefined : { spec: old }
  return schema.validate({ spec: object }, before).map((one) => `${one.field}: ${one.message}`)
}

test.each([
  "self.name.startsWith('ada') && self.name.endsWith('lace') && self.name.contains('-')",
  "self.name.matches('^[a-z-]+$') && size(self.name) == 12",
  "self.name.split('-').size() == 2 && self.name.upperAscii().lowerAscii() == self.name",
  "self.name.find('[a-z]+') == 'ada' && self.name.findAll('[a-z]+').size() == 2",
  "self.name.replace('-', '+') == 'ada+lovelace' && self.name.substring(0, 3) == 'ada'",
  'self.size > 3 && self.size / 2 == 2 && self.size % 3 == 1',
  'self.ratio < 1.0 && self.ratio < 1 && self.size > 3.5',
  "self.when < timestamp('2030-01-01T00:00:00Z') && self.when.getFullYear() == 2026",
  "self.wait > duration('1h') && self.wait + duration('30m') == duration('2h')",
  "self.tags.all(t, t.size() == 1) && self.tags.exists(t, t == 'a') && self.tags.exists_one(t, t == 'b')",
  "self.tags.filter(t, t == 'a').map(t, t + 'x') == ['ax'] && 'a' in self.tags",
  "self.tags.isSorted() && self.tags.indexOf('b') == 1 && [1, 2].sum() == 3 && [3, 1].max() == 3",
  "self.labels['team'] == 'x' && 'team' in self.labels && self.labels.all(k, k.size() < 9)",
  "has(self.labels.team) && !has(self.labels.other) && self.labels.?other.orValue('z') == 'z'",
  "type(self.port) == int && self.port == 8080 && dyn(self.port) != 'x'",
  "self.__namespace__ == 'n' && self.a__dash__b__dot__c == 3",
  'has(self.inner.kind) && !has(self.inner.deep) && self.inner == self.inner',
  "self.conditions.exists(c, c.type == 'Ready' && c.status == 'True')",
  "quantity('1Gi').isGreaterThan(quantity('500M')) && isQuantity('2') && !isQuantity('x')",
  "url('https://a.example:8443/x').getHost() == 'a.example:8443' && isURL('http://a') && !isURL('x')",
  "isIP('10.0.0.1') && isCIDR('10.0.0.0/8') && !isIP('10.0.0.256')",
  "cel.bind(n, self.size, n * n == 16) && (self.size > 3 ? 'a' : 'b') == 'a'",
  "'%s has %d'.format([self.name, self.size]) == 'ada-lovelace has 4'",
])('holds: %s', (rule) => {
  expect(run(rule)).toEqual([])
})

test.each([
  [
    "self.nope == 'x'",
    "compilation failed: ERROR: <input>:1:5: undefined field 'nope'\n | self.nope == 'x'\n | ....^",
  ],
  [
    'has(self.nope)',
    "compilation failed: ERROR: <input>:1:9: undefined field 'nope'\n | has(self.nope)\n | ........^",
  ],
  [
    'self.conditions.all(c, has(c.typo))',
    "compilation failed: ERROR: <input>:1:29: undefined field 'typo'\n | self.conditions.all(c, has(c.typo))\n | ............................^",
  ],
  [
    "self.size > 'a'",
    "compilation failed: ERROR: <input>:1:11: found no matching overload for '_>_' applied to '(int, string)'\n | self.size > 'a'\n | ..........^",
  ],
  [
    'other == 1',
    "compilation failed: ERROR: <input>:1:1: undeclared reference to 'other' (in container '')\n | other == 1\n | ^",
  ],
  ['self.size', 'cel expression must evaluate to a bool'],
  [
    'self.free.x == 1',
    "compilation failed: ERROR: <input>:1:10: undefined field 'x'\n | self.free.x == 1\n | .........^",
  ],
])('does not compile: %s', (rule, detail) => {
  expect(compileSchema(schemaOf({ rule })).problems).toMatchObject([
    { index: 0, field: 'rule', detail },
  ])
})

test('a rule that fails while it runs says so', () => {
  expect(run("self.labels['none'] == 'x'")).toEqual([
    `spec: Invalid value: "object": no such key: none evaluating rule: self.labels['none'] == 'x'`,
  ])
  expect(run('self.size / (self.size - 4) == 1')).toEqual([
    'spec: Invalid value: "object": division by zero evaluating rule: self.size / (self.size - 4) == 1',
  ])
  expect(run("self.tags[7] == 'x'")).toEqual([
    `spec: Invalid value: "object": index out of bounds: 7 evaluating rule: self.tags[7] == 'x'`,
  ])
})

test('whole objects are compared with their old selves', () => {
  expect(run('self == oldSelf', value, { ...value })).toEqual([])
  expect(run('self == oldSelf', { ...value, size: 5 }, value)).toEqual([
    'spec: Invalid value: failed rule: self == oldSelf',
  ])
  expect(
    run('self.inner == oldSelf.inner', value, { ...value, inner: { kind: 'other' } }),
  ).toHaveLength(1)
})

test('messageExpression, reason and fieldPath are honoured', () => {
  const rule = {
    rule: 'self.size <= 3',
    message: 'too large',
    messageExpression: "'size ' + string(self.size) + ' is over 3'",
    reason: 'FieldValueForbidden',
    fieldPath: '.size',
  }
  expect(compileSchema(schemaOf(rule)).validate({ spec: value })).toEqual([
    { reason: 'FieldValueForbidden', message: 'Forbidden: size 4 is over 3', field: 'spec.size' },
  ])
  const failing = { ...rule, messageExpression: "self.labels['none']" }
  expect(compileSchema(schemaOf(failing)).validate({ spec: value })).toMatchObject([
    { message: 'Forbidden: too large' },
  ])
})

test('optionalOldSelf also runs on creation', () => {
  const rule = {
    rule: "oldSelf.hasValue() || self.name == 'first'",
    message: 'start with first',
    optionalOldSelf: true,
  }
  const schema = compileSchema(schemaOf(rule))
  expect(schema.problems).toEqual([])
  expect(schema.validate({ spec: value })).toMatchObject([
    { message: 'Invalid value: start with first' },
  ])
  expect(schema.validate({ spec: value }, { spec: value })).toEqual([])
})

test('the root may read its name but not its labels', () => {
  const root = (rule: string): Schema => ({
    type: 'object',
    'x-kubernetes-validations': [{ rule, message: 'no' }],
  })
  const schema = compileSchema(root("self.metadata.name.startsWith('a')"))
  expect(schema.problems).toEqual([])
  expect(schema.validate({ metadata: { name: 'a1' } })).toEqual([])
  expect(schema.validate({ metadata: { name: 'b1' } })).toMatchObject([
    { field: '<nil>', message: 'Invalid value: no' },
  ])
  expect(compileSchema(root('has(self.metadata.labels)')).problems).toHaveLength(1)
})
