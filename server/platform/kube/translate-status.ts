import { AppError, type ErrorDetails, type FieldError } from '#server/platform/model/errors.ts'

/** What was asked, for messages. */
export type Asked = { verb: string; resource: string; namespace?: string; name?: string }

type Status = {
  message?: string
  reason?: string
  details?: {
    name?: string
    kind?: string
    causes?: { reason?: string; message?: string; field?: string }[]
    retryAfterSeconds?: number
  }
}

/**
 * A Status of the API server as an AppError. `details.key` keeps apart what one HTTP status means in several ways:
 * `kube.alreadyExists`, `kube.conflict` (somebody wrote first), `kube.fieldConflict` (server-side apply; the fields and
 * their manager are in `fields`), `kube.namespaceTerminating`, `kube.expired`, `kube.kindNotServed`, `kube.credentials`.
 */
export function translateStatus(httpStatus: number, body: string, asked: Asked): AppError {
  const status = parseStatus(body)
  const details = status.details ?? {}
  const message = status.message || `The cluster answered ${httpStatus} to ${describe(asked)}.`
  const causes = details.causes ?? []
  const cause = new Error(`${httpStatus} ${status.reason ?? ''} ${describe(asked)}: ${message}`)
  const values = { kind: details.kind ?? asked.resource, name: details.name ?? asked.name ?? '' }
  const known = (extra: ErrorDetails): ErrorDetails => ({ values, cause, ...extra })

  if (causes.some((one) => one.reason === 'NamespaceTerminating')) {
    const text = `The namespace ${asked.namespace ?? values.name} is being deleted.`
    return new AppError('conflict', text, known({ key: 'kube.namespaceTerminating' }))
  }
  switch (httpStatus) {
    case 401: {
      // It is our own account that was not recognised, never the person's: a 401 would send them to sign in again.
      const text = 'The cluster does not accept the credentials of this process.'
      return new AppError('unavailable', text, known({ key: 'kube.credentials' }))
    }
    case 403: {
      const text = `The account of this process may not ${describe(asked)}.`
      return new AppError('forbidden', text, known({ key: 'kube.forbidden' }))
    }
    case 404:
      return notFound(status, asked, message, known)
    case 409:
      return new AppError('conflict', message, known(conflictDetails(status, causes)))
    case 410:
      return new AppError('conflict', message, known({ key: 'kube.expired' }))
    case 413:
      return new AppError('too-large', message, known({}))
    case 422:
      return new AppError('unprocessable', message, known({ fields: fieldsOf(causes) }))
    case 429:
    case 503:
      return new AppError(
        'unavailable',
        'The cluster is overloaded or not ready.',
        known({ key: 'kube.busy', retryAfterSeconds: details.retryAfterSeconds }),
      )
    case 504:
      return new AppError('timeout', 'The cluster took too long to answer.', known({}))
  }
  if (httpStatus >= 500) {
    return new AppError('unavailable', 'The cluster failed to answer.', known({}))
  }
  return new AppError('bad-request', message, known({}))
}

/** A request that got no answer. */
export function translateFailure(error: unknown, asked: Asked): AppError {
  if (error instanceof AppError) return error
  const code = codeOf(error)
  const details = { key: 'kube.unreachable', cause: error }
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return new AppError('timeout', `The cluster took too long to ${describe(asked)}.`, details)
  }
  if (code.includes('CERT') || code.startsWith('ERR_TLS') || code.includes('SIGNATURE')) {
    const text = `The certificate of the Kubernetes API is not trusted (${code}).`
    return new AppError('unavailable', text, details)
  }
  return new AppError('unavailable', `The Kubernetes API does not answer (${code}).`, details)
}

export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  // Attempts on several addresses come as one AggregateError whose own code may be missing.
  const first = error instanceof AggregateError ? error.errors[0] : undefined
  const code = ('code' in error && error.code) || (first && 'code' in first && first.code)
  return typeof code === 'string' ? code : error.name
}

export function isNotFound(error: unknown): boolean {
  return error instanceof AppError && error.code === 'not-found'
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof AppError && error.details.key === 'kube.alreadyExists'
}

export function isNamespaceTerminating(error: unknown): boolean {
  return error instanceof AppError && error.details.key === 'kube.namespaceTerminating'
}

/** Somebody wrote first: read again and decide again. */
export function isConflict(error: unknown): boolean {
  return error instanceof AppError && error.details.key === 'kube.conflict'
}

/** Server-side apply met fields that another manager owns. */
export function isFieldConflict(error: unknown): boolean {
  return error instanceof AppError && error.details.key === 'kube.fieldConflict'
}

/** The cluster did not answer, is busy, or somebody wrote first: asked again, it may well answer. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof AppError &&
    (error.code === 'unavailable' || error.code === 'timeout' || isConflict(error))
  )
}

export function isExpired(error: unknown): boolean {
  return error instanceof AppError && error.details.key === 'kube.expired'
}

type Causes = NonNullable<NonNullable<Status['details']>['causes']>

function notFound(
  status: Status,
  asked: Asked,
  message: string,
  known: (extra: ErrorDetails) => ErrorDetails,
): AppError {
  if (status.details?.name) return new AppError('not-found', message, known({}))
  // Not the object but the whole kind is missing: its CRD or the API group behind it.
  const text = `The cluster does not know ${asked.resource}.`
  return new AppError('unavailable', text, known({ key: 'kube.kindNotServed' }))
}

function conflictDetails(status: Status, causes: Causes): ErrorDetails {
  if (status.reason === 'AlreadyExists') return { key: 'kube.alreadyExists' }
  const foreign = causes.filter((one) => one.reason === 'FieldManagerConflict')
  if (foreign.length === 0) return { key: 'kube.conflict' }
  return { key: 'kube.fieldConflict', fields: fieldsOf(foreign) }
}

function fieldsOf(causes: Causes): FieldError[] {
  return causes
    .filter((one) => one.field && one.field !== '<nil>')
    .map((one) => ({
      field: one.field ?? '',
      message: one.message ?? one.reason ?? 'is not valid',
    }))
}

function parseStatus(body: string): Status {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null && 'kind' in parsed) {
      if (parsed.kind === 'Status') return parsed as Status
    }
  } catch {
    // Proxies and unknown paths answer in plain text.
  }
  return {}
}

function describe(asked: Asked): string {
  const what = asked.name ? `${asked.resource} ${asked.name}` : asked.resource
  return `${asked.verb} ${what}${asked.namespace ? ` in namespace ${asked.namespace}` : ''}`
}
