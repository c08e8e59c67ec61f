export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export type RouteAccess =
  | { type: 'public' }
  /** Anybody who signed in; the answer holds only what they may see. */
  | { type: 'signed-in' }
  /** A SubjectAccessReview; `namespace` and `name` are taken from the path's parameters, else from the body. */
  | { type: 'review'; verb: string; resource: string; in: 'path' | 'body' | 'serving' }
  /** Whoever may see the binding that the run serves, or runs as such; for everybody else there is no such run. */
  | { type: 'run' }
  /** The person's own; for everybody else there is no such thing. */
  | { type: 'own' }

export type RouteDeclaration = {
  access: RouteAccess
  says: string
  /** Answered as a stream by the custom server, not by Next. */
  stream?: true
  /** JSON, but answered by the custom server as well: a question's way to its first token does not lead through Next. */
  native?: true
  /** A form that another server sends, without a cookie: what proves who it is stands in the form itself. */
  form?: true
  /** How large a body may be, where that is not the usual. */
  bodyBytesMax?: number
  /** A well-formed body, so that a test meets the access check and not the parser. */
  sampleBody?: object
  /** The same for what is asked in the address, as `q=x`. */
  sampleQuery?: string
}

export type Declarations = Record<`${Method} /api/${string}`, RouteDeclaration>

export const everyone: RouteAccess = { type: 'public' }
export const signedIn: RouteAccess = { type: 'signed-in' }
export const asRun: RouteAccess = { type: 'run' }
export const own: RouteAccess = { type: 'own' }

export function review(
  verb: string,
  resource: string,
  where: 'path' | 'body' | 'serving',
): RouteAccess {
  return { type: 'review', verb, resource, in: where }
}
