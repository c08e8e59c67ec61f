import type { Value } from '#server/lab/cluster/tekton/task-types.ts'
import { formatGoDuration, goQuote, parseGoDuration } from './go-text.ts'

/**
 * What a field may hold. `boolean` and `integer` are dropped at their zero value, as Go's omitempty does; `flag` and
 * `count` are pointers there, and keep it. `value` is a parameter's value: string, list of strings, or object.
 */
export type Shape =
  | 'any'
  | 'boolean'
  | 'count'
  | 'duration'
  | 'flag'
  | 'integer'
  | 'string'
  | 'text'
  | 'value'
  | { list: Shape }
  | { map: Shape }
  | { type: string; fields: Record<string, Shape>; always?: Record<string, unknown> }

/** A document that is no such object; the message is that of Go's JSON decoder. */
export class DecodeError extends Error {}

/**
 * Reads a field as its shape: unknown fields and wrong types are refused, empty fields are left out. `owner` is the Go
 * type that has the field, `path` its full path; errors name both.
 */
export function decodeFields(shape: Shape, value: unknown, owner: string, path: string): unknown {
  return decode(shape, value, owner, path)
}

function decode(shape: Shape, value: unknown, owner: string, path: string): unknown {
  if (value === null || value === undefined) return undefined
  if (typeof shape === 'object') return decodeComposite(shape, value, owner, path)
  const wrong = (goType: string) => mismatch(value, owner, path, goType)
  switch (shape) {
    case 'any':
      return value
    case 'boolean':
    case 'flag':
      if (typeof value !== 'boolean') throw wrong('bool')
      return shape === 'boolean' && !value ? undefined : value
    case 'integer':
    case 'count':
      if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong('int')
      return shape === 'integer' && value === 0 ? undefined : value
    case 'string':
    case 'text':
      if (typeof value !== 'string') throw wrong('string')
      return shape === 'string' && value === '' ? undefined : value
    case 'duration':
      return decodeDuration(value, wrong)
    case 'value':
      return decodeValue(value)
  }
}

function decodeComposite(
  shape: Extract<Shape, object>,
  value: unknown,
  owner: string,
  path: string,
): unknown {
  if ('list' in shape) {
    if (!Array.isArray(value)) throw mismatch(value, owner, path, '[]')
    if (value.length === 0) return undefined
    return value.map((item) => decode(shape.list, item, owner, path) ?? emptyOf(shape.list))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw mismatch(value, owner, path, 'type' in shape ? `v1.${shape.type}` : 'map[string]string')
  const entries = Object.entries(value)
  if ('map' in shape) {
    if (entries.length === 0) return undefined
    return Object.fromEntries(
      entries.map(([key, item]) => [
        key,
        decode(shape.map, item, owner, path) ?? emptyOf(shape.map),
      ]),
    )
  }
  const decoded: Record<string, unknown> = structuredClone(shape.always ?? {})
  for (const [key, item] of entries) {
    const field = shape.fields[key]
    if (field === undefined || !Object.hasOwn(shape.fields, key))
      throw new DecodeError(`json: unknown field ${goQuote(key)}`)
    const found = decode(field, item, shape.type, `${path}.${key}`)
    if (found !== undefined) decoded[key] = found
  }
  return decoded
}

function decodeDuration(value: unknown, wrong: (goType: string) => DecodeError): string {
  if (typeof value !== 'string') throw wrong('string')
  try {
    return formatGoDuration(parseGoDuration(value))
  } catch (error) {
    throw new DecodeError(error instanceof Error ? error.message : String(error))
  }
}

/** Anything that is neither a list nor an object of strings becomes text, as Tekton reads it. */
export function decodeValue(value: unknown): Value {
  if (typeof value === 'string') return value
  const isText = (item: unknown): item is string => typeof item === 'string'
  if (Array.isArray(value) && value.every(isText)) return value
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value).filter((entry): entry is [string, string] =>
      isText(entry[1]),
    )
    if (entries.length === Object.keys(value).length) return Object.fromEntries(entries)
  }
  return JSON.stringify(value)
}

function emptyOf(shape: Shape): unknown {
  if (shape === 'string' || shape === 'text') return ''
  if (shape === 'boolean') return false
  if (shape === 'integer') return 0
  return typeof shape === 'object' && 'list' in shape ? [] : {}
}

function mismatch(value: unknown, owner: string, path: string, goType: string): DecodeError {
  const kind = Array.isArray(value) ? 'array' : value === Object(value) ? 'object' : typeof value
  const found = kind === 'boolean' ? 'bool' : kind
  return new DecodeError(
    `json: cannot unmarshal ${found} into Go struct field ${owner}.${path} of type ${goType}`,
  )
}
