/**
 * Every failure that a person or a program may be told about. The code says whose turn it is; the message is
 * written for the reader and carries no internals.
 */
export const errorStatus = {
  'bad-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  unprocessable: 422,
  'quota-exhausted': 429,
  internal: 500,
  'bad-gateway': 502,
  unavailable: 503,
  timeout: 504,
} as const

export type ErrorCode = keyof typeof errorStatus

/** One message beside one input: `field` is a path such as `quota.tokensPerDay`; `key` one of the message files. */
export type FieldError = {
  field: string
  message: string
  key?: string
  values?: Record<string, string | number>
}

export type ErrorDetails = {
  fields?: FieldError[]
  /** A key of the message files, where the reader's language is known only to the browser. */
  key?: string
  values?: Record<string, string | number>
  retryAfterSeconds?: number
  cause?: unknown
}

const brand = Symbol.for('bindery.AppError')

/** The only error class of the product: thrown anywhere, translated once per edge. */
export class AppError extends Error {
  // Next bundles its own copy of this module beside the custom server's: an error of one is an error of the other.
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value
  }

  readonly [brand] = true
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'AppError'
    this.code = code
    this.details = details
  }
}

/** What crosses the wire: `{error: …}` of a JSON answer, the data of `event: failed` in a stream. */
export type ErrorBody = {
  error: {
    code: ErrorCode
    message: string
    requestId?: string
    fields?: FieldError[]
    key?: string
    values?: Record<string, string | number>
    retryAfterSeconds?: number
  }
}

export function tooLarge(bytesMax: number): AppError {
  return new AppError('too-large', `The request is larger than ${Math.floor(bytesMax / 1024)} kB.`)
}
