import {
  type Cause,
  child,
  element,
  forbiddenValue,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from '#server/lab/cluster/crd/causes.ts'
import { applyDefaults } from '#server/lab/cluster/crd/schema/defaults.ts'
import { goPattern } from '#server/lab/cluster/crd/schema/patterns.ts'
import { prune } from '#server/lab/cluster/crd/schema/prune.ts'
import { metaFields, type Schema } from '#server/lab/cluster/crd/schema/schema.ts'
import { validateOldSelf, validateRules } from './validate-rules.ts'
import { validateValue } from './validate-value.ts'

type Level = 'root' | 'item' | 'field'

const emptyTypeDetail: Record<Level, string> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** All that keeps a schema from being a structural one that can be served, and its CEL rules from compiling. */
export function validateSchema(schema: Schema, path: string): Cause[] {
  const paths = new Map<Schema, string>()
  const causes = validateNode(schema, path, 'root', paths).sort((a, b) =>
    a.field < b.field ? -1 : a.field > b.field ? 1 : 0,
  )
  return causes.length > 0
    ? causes
    : [...validateRules(schema, paths), ...validateOldSelf(schema, path)]
}

function validateNode(
  schema: Schema,
  path: string,
  level: Level,
  paths: Map<Schema, string>,
): Cause[] {
  paths.set(schema, path)
  const causes = [
    ...validateTypeOf(schema, path, level),
    ...validateKeywords(schema, path, level),
    ...validateListType(schema, path),
    ...validateDefault(schema, path),
    ...validateNested(schema, path),
  ]
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const at = element(child(path, 'properties'), name)
    const isMeta = level === 'root' && metaFields.has(name)
    if (!isMeta || name !== 'metadata') causes.push(...validateNode(property, at, 'field', paths))
    else causes.push(...validateMetadata(property, at))
  }
  if (schema.items) causes.push(...validateNode(schema.items, child(path, 'items'), 'item', paths))
  if (typeof schema.additionalProperties === 'object') {
    const at = child(path, 'additionalProperties')
    causes.push(...validateNode(schema.additionalProperties, at, 'field', paths))
  }
  return causes
}

function validateTypeOf(schema: Schema, path: string, level: Level): Cause[] {
  const at = child(path, 'type')
  const { type } = schema
  if (!type) {
    const isFree =
      schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields']
    return isFree && level !== 'root' ? [] : [requiredValue(at, emptyTypeDetail[level])]
  }
  if (!types.includes(type)) return [unsupportedValue(at, type, types)]
  if (level === 'root' && type !== 'object')
    return [invalidValue(at, type, 'must be object at the root')]
  if (schema['x-kubernetes-embedded-resource'] && type !== 'object') {
    return [invalidValue(at, type, 'must be object if x-kubernetes-embedded-resource is true')]
  }
  if (type === 'array' && !schema.items) {
    return [requiredValue(child(path, 'items'), 'must be specified')]
  }
  return []
}

function validateKeywords(schema: Schema, path: string, level: Level): Cause[] {
  const causes: Cause[] = []
  const forbid = (name: string, detail: string) =>
    causes.push(forbiddenValue(child(path, name), detail))
  if (schema.uniqueItems) {
    forbid(
      'uniqueItems',
      'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    )
  }
  if (schema.additionalProperties !== undefined) {
    if (level === 'root') forbid('additionalProperties', 'must not be used at the root')
    else if (schema.additionalProperties === false) {
      forbid('additionalProperties', 'additionalProperties cannot be set to false')
    } else if (Object.keys(schema.properties ?? {}).length > 0) {
      forbid('additionalProperties', 'additionalProperties and properties are mutual exclusive')
    }
  }
  for (const name of ['$ref', 'definitions', 'dependencies', 'patternProperties']) {
    if (Object.hasOwn(schema, name)) forbid(name, `${name} is not supported`)
  }
  if (schema.pattern !== undefined && !isPattern(schema.pattern)) {
    const detail = 'must be a valid regular expression, but is not'
    causes.push(invalidValue(child(path, 'pattern'), schema.pattern, detail))
  }
  if (schema['x-kubernetes-int-or-string'] && schema['x-kubernetes-preserve-unknown-fields']) {
    const at = child(path, 'x-kubernetes-preserve-unknown-fields')
    causes.push(invalidValue(at, true, 'must be false if x-kubernetes-int-or-string is true'))
  }
  return causes
}

function isPattern(source: string): boolean {
  try {
    goPattern(source)
    return true
  } catch {
    return false
  }
}

function validateListType(schema: Schema, path: string): Cause[] {
  const type = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys']
  const keysAt = child(path, 'x-kubernetes-list-map-keys')
  const causes: Cause[] = []
  if (type !== undefined && schema.type !== 'array') {
    const at = child(path, 'type')
    causes.push(
      invalidValue(at, schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'),
    )
  }
  if (type !== 'map') {
    if (keys && keys.length > 0) {
      causes.push(forbiddenValue(keysAt, 'must not be set if x-kubernetes-list-type is not map'))
    }
    return causes
  }
  if (!keys || keys.length === 0) {
    causes.push(requiredValue(keysAt, 'must not be empty if x-kubernetes-list-type is map'))
  }
  const items = schema.items
  if (items?.type !== 'object') {
    const at = child(child(path, 'items'), 'type')
    const detail = "must be object if parent array's x-kubernetes-list-type is map"
    causes.push(invalidValue(at, items?.type ?? '', detail))
  }
  for (const [index, key] of (keys ?? []).entries()) {
    const property = items?.properties?.[key]
    const at = element(child(child(path, 'items'), 'properties'), key)
    if (!property) {
      const detail = `entries must all be names of item properties`
      causes.push(invalidValue(element(keysAt, index), key, detail))
    } else if (property.default === undefined && !items?.required?.includes(key)) {
      const detail =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
      causes.push(requiredValue(child(at, 'default'), detail))
    }
  }
  return causes
}

function validateDefault(schema: Schema, path: string): Cause[] {
  if (schema.default === undefined) return []
  const at = child(path, 'default')
  const filled = structuredClone(schema.default)
  const unknown = prune({ value: filled }, { type: 'object', properties: { value: schema } })
  if (unknown.length > 0) return [invalidValue(at, schema.default, 'must not have unknown fields')]
  applyDefaults(filled, schema)
  return validateValue(filled, schema, at)
}

/** Under allOf, anyOf, oneOf and not a schema may judge values but not describe new fields. */
function validateNested(schema: Schema, path: string): Cause[] {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema
  const nested: [Schema, string][] = [
    ...allOf.map((one, index): [Schema, string] => [one, element(child(path, 'allOf'), index)]),
    ...anyOf.map((one, index): [Schema, string] => [one, element(child(path, 'anyOf'), index)]),
    ...oneOf.map((one, index): [Schema, string] => [one, element(child(path, 'oneOf'), index)]),
    ...(not ? [[not, child(path, 'not')] as [Schema, string]] : []),
  ]
  const mayType = schema['x-kubernetes-int-or-string'] === true
  return nested.flatMap(([one, at]) => [
    ...(mayType ? [] : forbidDescription(one, at)),
    ...validateNested(one, at),
  ])
}

function forbidDescription(schema: Schema, path: string): Cause[] {
  const causes: Cause[] = []
  const forbid = (name: string, what: string) =>
    causes.push(forbiddenValue(child(path, name), `must be ${what} to be structural`))
  if (schema.type) forbid('type', 'empty')
  if (schema.default !== undefined) forbid('default', 'undefined')
  if (schema.description) forbid('description', 'empty')
  if (schema.nullable) forbid('nullable', 'false')
  if (schema.additionalProperties !== undefined) forbid('additionalProperties', 'undefined')
  if (schema['x-kubernetes-validations']?.length) forbid('x-kubernetes-validations', 'empty')
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    causes.push(...forbidDescription(property, element(child(path, 'properties'), name)))
  }
  if (schema.items) causes.push(...forbidDescription(schema.items, child(path, 'items')))
  return causes
}

function validateMetadata(schema: Schema, path: string): Cause[] {
  const names = Object.keys(schema.properties ?? {})
  if (schema.type !== undefined && schema.type !== 'object') {
    return [invalidValue(child(path, 'type'), schema.type, 'must be object')]
  }
  return names.every((one) => one === 'name' || one === 'generateName')
    ? []
    : [
        forbiddenValue(
          path,
          'must not specify anything other than name and generateName, but metadata is implicitly specified',
        ),
      ]
}
