/** JSON as it comes off the wire. */
export type Json = null | boolean | number | string | Json[] | JsonObject
export type JsonObject = { [key: string]: Json }

export type ValidationRule = {
  rule: string
  message?: string
  messageExpression?: string
  reason?: string
  fieldPath?: string
  optionalOldSelf?: boolean
}

/** JSONSchemaProps of apiextensions.k8s.io/v1, as far as a structural schema may use it. */
export type Schema = {
  type?: string
  format?: string
  title?: string
  description?: string
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  items?: Schema
  required?: string[]
  enum?: Json[]
  default?: Json
  nullable?: boolean
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: boolean
  exclusiveMaximum?: boolean
  multipleOf?: number
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  minProperties?: number
  maxProperties?: number
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  not?: Schema
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-map-type'?: 'atomic' | 'granular'
  'x-kubernetes-validations'?: ValidationRule[]
}

/** The fields of every object that no schema needs to name. */
export const metaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

/** Narrows to a JSON object (not a list, not null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The schema of one property: its own, or that of all additional ones. */
export function propertySchema(schema: Schema, name: string): Schema | undefined {
  const own = ownProperty(schema.properties, name)
  if (own) return own
  const rest = schema.additionalProperties
  return typeof rest === 'object' ? rest : undefined
}

/** A lookup that cannot find what every JavaScript object inherits, such as `constructor`. */
export function ownProperty<T>(record: Record<string, T> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined
}

/** Sets a key that may be called `__proto__` without touching the prototype. */
export function setOwn(target: JsonObject, name: string, value: Json): void {
  Object.defineProperty(target, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}
