/** One entry of a Status' `details.causes`: what is wrong with one field, in the API server's words. */
export type Cause = { reason: string; message: string; field: string }

/** Stands for a value that is not repeated in the message (objects and lists). */
export const omitted: unique symbol = Symbol('omitted')

/** `Invalid value: "x": detail`. */
export function invalidValue(field: string, value: unknown, detail: string): Cause {
  return cause('FieldValueInvalid', 'Invalid value', field, value, detail)
}

/** Same words as an invalid value, but a reason of its own: the JSON type is wrong. */
export function invalidType(field: string, value: unknown, detail: string): Cause {
  return cause('FieldValueTypeInvalid', 'Invalid value', field, value, detail)
}

/** `Required value` or `Required value: detail`. */
export function requiredValue(field: string, detail = ''): Cause {
  return cause('FieldValueRequired', 'Required value', field, omitted, detail)
}

/** `Forbidden: detail`. */
export function forbiddenValue(field: string, detail: string): Cause {
  return cause('FieldValueForbidden', 'Forbidden', field, omitted, detail)
}

/** `Duplicate value: "x"`. */
export function duplicateValue(field: string, value: unknown): Cause {
  return cause('FieldValueDuplicate', 'Duplicate value', field, value, '')
}

/** `Unsupported value: "x": supported values: "a", "b"`. */
export function unsupportedValue(field: string, value: unknown, supported: string[]): Cause {
  const list = supported.map((one) => JSON.stringify(one)).join(', ')
  const detail = supported.length > 0 ? `supported values: ${list}` : ''
  return cause('FieldValueNotSupported', 'Unsupported value', field, value, detail)
}

/** `Too long: may not be more than N bytes`. */
export function tooLong(field: string, max: number): Cause {
  const detail = `may not be more than ${max} bytes`
  return cause('FieldValueTooLong', 'Too long', field, omitted, detail)
}

/** `Too many: N: must have at most M items`. */
export function tooMany(field: string, actual: number, max: number): Cause {
  const detail = `must have at most ${max} ${max === 1 ? 'item' : 'items'}`
  return cause('FieldValueTooMany', 'Too many', field, actual, detail)
}

/** `field.Path.Child` of the API server: the root has no name. */
export function child(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** `path[3]` or `path[key]`. */
export function element(path: string, key: string | number): string {
  return `${path}[${key}]`
}

function cause(reason: string, kind: string, field: string, value: unknown, detail: string): Cause {
  const shown = value === omitted ? '' : `: ${shownValue(value)}`
  return { reason, message: `${kind}${shown}${detail === '' ? '' : `: ${detail}`}`, field }
}

function shownValue(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  return JSON.stringify(value)
}
