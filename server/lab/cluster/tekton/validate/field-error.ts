/** A finding of Tekton's webhook: what is wrong, and where (`spec.steps[0].script`). */
export type FieldError = { message: string; paths: string[]; details?: string }

export function fieldError(message: string, ...paths: string[]): FieldError {
  return { message, paths }
}

export function missingField(...paths: string[]): FieldError {
  return { message: 'missing field(s)', paths }
}

export function missingOneOf(...paths: string[]): FieldError {
  return { message: 'expected exactly one, got neither', paths }
}

export function multipleOneOf(...paths: string[]): FieldError {
  return { message: 'expected exactly one, got both', paths }
}

export function invalidValue(value: unknown, path: string): FieldError {
  return { message: `invalid value: ${String(value)}`, paths: [path] }
}

/** Puts a prefix before every path: a field name, `[0]` or `[key]`. */
export function via(prefix: string, errors: FieldError[]): FieldError[] {
  return errors.map((error) => ({
    ...error,
    paths: error.paths.map((path) => joinPath(prefix, path)),
  }))
}

/** `field[index]` before every path. */
export function viaIndex(field: string, index: number, errors: FieldError[]): FieldError[] {
  return via(`${field}[${index}]`, errors)
}

/** One text for all: equal findings are merged, their paths sorted, as knative's FieldError prints them. */
export function formatFieldErrors(errors: FieldError[]): string {
  const merged = new Map<string, FieldError>()
  for (const error of errors) {
    const key = `${error.message}\n${error.details ?? ''}`
    const known = merged.get(key)
    const paths = [...new Set([...(known?.paths ?? []), ...error.paths])].sort()
    merged.set(key, { ...error, paths })
  }
  return [...merged.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { message, paths, details }]) => {
      const line = `${message}: ${paths.join(', ')}`
      return details ? `${line}\n${details}` : line
    })
    .join('\n')
}

function joinPath(prefix: string, path: string): string {
  if (path === '' || prefix === '') return prefix + path
  return path.startsWith('[') ? prefix + path : `${prefix}.${path}`
}
