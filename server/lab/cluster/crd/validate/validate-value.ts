import {
  type Cause,
  child,
  element,
  invalidType,
  invalidValue,
  requiredValue,
  tooLong,
  tooMany,
  unsupportedValue,
} from '#server/lab/cluster/crd/causes.ts'
import { hasFormat } from '#server/lab/cluster/crd/schema/formats.ts'
import { stableJson } from '#server/lab/cluster/crd/schema/list-types.ts'
import { goPattern } from '#server/lab/cluster/crd/schema/patterns.ts'
import {
  isObject,
  type Json,
  type JsonObject,
  ownProperty,
  type Schema,
} from '#server/lab/cluster/crd/schema/schema.ts'

/**
 * Holds a value against an OpenAPI v3 schema and reports in the API server's words. Fields are visited by name, so
 * that the same object always gives the same list.
 */
export function validateValue(value: Json, schema: Schema, path = ''): Cause[] {
  if (value === null)
    return [...validateType(value, schema, path), ...validateEnum(value, schema, path)]
  return [
    ...validateType(value, schema, path),
    ...validateJunctors(value, schema, path),
    ...(typeof value === 'string' ? validateString(value, schema, path) : []),
    ...(typeof value === 'number' ? validateNumber(value, schema, path) : []),
    ...(Array.isArray(value) ? validateList(value, schema, path) : []),
    ...validateEnum(value, schema, path),
    ...(isObject(value) ? validateObject(value, schema, path) : []),
  ]
}

function validateType(value: Json, schema: Schema, path: string): Cause[] {
  if (value === null && schema.nullable) return []
  const wanted = schema['x-kubernetes-int-or-string']
    ? ['integer', 'string']
    : schema.type
      ? [schema.type]
      : []
  const actual = typeName(value)
  if (wanted.length === 0 || wanted.includes(actual)) return []
  if (actual === 'integer' && wanted.includes('number')) return []
  const detail = `${path} in body must be of type ${wanted.join(',')}: "${actual}"`
  return [invalidType(path, actual, detail)]
}

function typeName(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function validateString(value: string, schema: Schema, path: string): Cause[] {
  const length = [...value].length
  const { maxLength, minLength, pattern, format } = schema
  const causes: Cause[] = []
  if (maxLength !== undefined && length > maxLength) causes.push(tooLong(path, maxLength))
  else if (minLength !== undefined && length < minLength) {
    const detail = `${path} in body should be at least ${minLength} chars long`
    causes.push(invalidValue(path, value, detail))
  } else if (pattern !== undefined && !goPattern(pattern).test(value)) {
    causes.push(invalidValue(path, value, `${path} in body should match '${pattern}'`))
  }
  if (format !== undefined && !hasFormat(value, format)) {
    const detail = `${path} in body must be of type ${format}: "${value}"`
    causes.push(invalidType(path, value, detail))
  }
  return causes
}

function validateNumber(value: number, schema: Schema, path: string): Cause[] {
  const { multipleOf, maximum, minimum } = schema
  const causes: Cause[] = []
  const fail = (what: string) => causes.push(invalidValue(path, value, `${path} in body ${what}`))
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    fail(`should be a multiple of ${multipleOf}`)
  }
  if (maximum !== undefined) {
    if (schema.exclusiveMaximum && value >= maximum) fail(`should be less than ${maximum}`)
    else if (value > maximum) fail(`should be less than or equal to ${maximum}`)
  }
  if (minimum !== undefined) {
    if (schema.exclusiveMinimum && value <= minimum) fail(`should be greater than ${minimum}`)
    else if (value < minimum) fail(`should be greater than or equal to ${minimum}`)
  }
  return causes
}

function isMultiple(value: number, factor: number): boolean {
  const quotient = value / factor
  return Math.abs(quotient - Math.round(quotient)) < 1e-9
}

function validateList(list: Json[], schema: Schema, path: string): Cause[] {
  const { items, minItems, maxItems } = schema
  const causes = items
    ? list.flatMap((one, index) => validateValue(one, items, element(path, index)))
    : []
  if (minItems !== undefined && list.length < minItems) {
    const detail = `${path} in body should have at least ${minItems} items`
    causes.push(invalidValue(path, list.length, detail))
  }
  if (maxItems !== undefined && list.length > maxItems) {
    causes.push(tooMany(path, list.length, maxItems))
  }
  if (schema.uniqueItems && new Set(list.map(stableJson)).size < list.length) {
    causes.push(invalidValue(path, '', `${path} in body shouldn't contain duplicates`))
  }
  return causes
}

function validateEnum(value: Json, schema: Schema, path: string): Cause[] {
  if (!schema.enum || schema.enum.length === 0 || (value === null && schema.nullable)) return []
  const text = stableJson(value)
  if (schema.enum.some((one) => stableJson(one) === text)) return []
  const supported = schema.enum.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
  return [unsupportedValue(path, value, supported)]
}

function validateObject(value: JsonObject, schema: Schema, path: string): Cause[] {
  const names = Object.keys(value)
  const { minProperties, maxProperties } = schema
  if (minProperties !== undefined && names.length < minProperties) {
    const detail = `${path} in body should have at least ${minProperties} properties`
    return [invalidValue(path, names.length, detail)]
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    return [tooMany(path, names.length, maxProperties)]
  }
  const causes: Cause[] = []
  for (const name of names.sort()) {
    const property = ownProperty(schema.properties, name)
    const rest = schema.additionalProperties
    const one = value[name] ?? null
    if (property) causes.push(...validateValue(one, property, child(path, name)))
    else if (typeof rest === 'object') causes.push(...validateValue(one, rest, child(path, name)))
    else if (rest === false) {
      causes.push(invalidValue(path, '', `${path}.${name} in body is a forbidden property`))
    }
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) causes.push(requiredValue(child(path, name)))
  }
  return causes
}

function validateJunctors(value: Json, schema: Schema, path: string): Cause[] {
  const causes: Cause[] = []
  const fail = (what: string) => causes.push(invalidValue('<nil>', '', `"${path}" must ${what}`))
  if (schema.anyOf && schema.anyOf.length > 0) {
    const results = schema.anyOf.map((one) => validateValue(value, one, path))
    if (results.every((one) => one.length > 0)) {
      fail('validate at least one schema (anyOf)')
      causes.push(...fewest(results))
    }
  }
  if (schema.oneOf && schema.oneOf.length > 0) {
    const results = schema.oneOf.map((one) => validateValue(value, one, path))
    const valid = results.filter((one) => one.length === 0).length
    if (valid === 0) {
      fail('validate one and only one schema (oneOf). Found none valid')
      causes.push(...fewest(results))
    } else if (valid > 1) {
      fail(`validate one and only one schema (oneOf). Found ${valid} valid alternatives`)
    }
  }
  for (const one of schema.allOf ?? []) causes.push(...validateValue(value, one, path))
  if (schema.allOf?.some((one) => validateValue(value, one, path).length > 0)) {
    fail('validate all the schemas (allOf)')
  }
  if (schema.not && validateValue(value, schema.not, path).length === 0) {
    fail('not validate the schema (not)')
  }
  return causes
}

function fewest(results: Cause[][]): Cause[] {
  return results.reduce((best, one) => (one.length < best.length ? one : best))
}
