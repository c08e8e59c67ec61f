import type { Cause } from '#server/lab/cluster/crd/causes.ts'

/** A group and plural as errors name them: `configmaps`, `deployments.apps`. */
export type ResourceName = { group: string; plural: string; kind: string }

export type StatusDetails = {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: Partial<Cause>[]
  retryAfterSeconds?: number
}

/** `kind: Status` of the API, as it travels. */
export type StatusBody = {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: Record<string, never>
  status: 'Failure' | 'Success'
  message?: string
  reason?: string
  details?: StatusDetails
  code?: number
}

/** Every refusal of the API: thrown anywhere, written once by the server. */
export class StatusError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: StatusDetails | undefined

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message)
    this.name = 'StatusError'
    this.code = code
    this.reason = reason
    this.details = details
  }

  /** The body that a client reads. */
  toBody(): StatusBody {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    }
  }
}

/** `pods "x" not found`. */
export function notFound(resource: ResourceName, name: string): StatusError {
  const message = `${qualified(resource)} "${name}" not found`
  return new StatusError(404, 'NotFound', message, detailsOf(resource, name))
}

/** `pods "x" already exists`. */
export function alreadyExists(resource: ResourceName, name: string): StatusError {
  const message = `${qualified(resource)} "${name}" already exists`
  return new StatusError(409, 'AlreadyExists', message, detailsOf(resource, name))
}

/** `Operation cannot be fulfilled on pods "x": why`. */
export function conflict(resource: ResourceName, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`
  return new StatusError(409, 'Conflict', message, detailsOf(resource, name))
}

/** A stale resourceVersion. */
export function modified(resource: ResourceName, name: string): StatusError {
  const why =
    'the object has been modified; please apply your changes to the latest version and try again'
  return conflict(resource, name, why)
}

/** `Kind.group "x" is invalid: field: message` with its causes, aggregated as the API server does. */
export function invalid(
  kind: { group: string; kind: string },
  name: string,
  causes: Cause[],
): StatusError {
  const seen = new Set<string>()
  const lines = causes
    .map((cause) => `${cause.field}: ${cause.message}`)
    .filter((line) => !seen.has(line) && seen.add(line))
  const all = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`
  const title = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  return new StatusError(422, 'Invalid', `${title} "${name}" is invalid: ${all}`, {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes,
  })
}

/** `pods "x" is forbidden: why`. */
export function forbidden(resource: ResourceName, name: string, why: string): StatusError {
  const subject = name === '' ? qualified(resource) : `${qualified(resource)} "${name}"`
  const message = `${subject} is forbidden: ${why}`
  return new StatusError(403, 'Forbidden', message, detailsOf(resource, name))
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized')
}

/** The resource or route itself is unknown. */
export function noSuchResource(): StatusError {
  const message = 'the server could not find the requested resource'
  return new StatusError(404, 'NotFound', message, {})
}

export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource'
  return new StatusError(405, 'MethodNotAllowed', message, {})
}

/** A resourceVersion or continue token older than the change log. */
export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message)
}

export function unsupportedMediaType(): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
}

export function notAcceptable(): StatusError {
  const message = 'only the following media types are accepted: application/json, application/yaml'
  return new StatusError(406, 'NotAcceptable', message, {})
}

export function tooLarge(maxBytes: number): StatusError {
  const message = `Request entity too large: limit is ${maxBytes}`
  return new StatusError(413, 'RequestEntityTooLarge', message, {})
}

export function internalError(why: string): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${why}`, {
    causes: [{ message: why }],
  })
}

/** `deployments.apps`, `pods`. */
export function qualified(resource: ResourceName): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
}

function detailsOf(resource: ResourceName, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.plural,
  }
}
