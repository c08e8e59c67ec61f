import type { IncomingMessage, ServerResponse } from 'node:http'
import type { User } from './user.ts'

/** A route that is not storage: `pods/log`, `serviceaccounts/token`, `subjectaccessreviews`. */
export type Handler = {
  group: string
  version: string
  plural: string
  /** Undefined for a virtual resource of its own. */
  subresource?: string
  /** Kind that is read or answered, for discovery. */
  kind: string
  /** Group and version of that kind where they differ from the resource's (`authentication.k8s.io/v1` TokenRequest). */
  kindGroup?: string
  kindVersion?: string
  singular?: string
  namespaced: boolean
  /** HTTP methods map to them: GET get, POST create, PUT update, PATCH patch, DELETE delete. */
  verbs: string[]
  /** True where anything may follow in the path (`services/x/proxy/any/path`). */
  subpath?: boolean
  /** RBAC has allowed it already. Errors are thrown as StatusError. */
  handle(request: ApiRequest): Promise<Reply> | Reply
}

export type ApiRequest = {
  verb: string
  method: string
  group: string
  version: string
  resource: string
  subresource?: string
  namespace?: string
  name?: string
  /** What follows the subresource, with its leading slash, or ''. */
  subpath: string
  query: URLSearchParams
  user: User
  dryRun: boolean
  /** The body as JSON or YAML, whichever its content type says; undefined where there is none. */
  body(): Promise<unknown>
  /** Aborts when the caller goes away or the cluster closes. */
  signal: AbortSignal
  incoming: IncomingMessage
  outgoing: ServerResponse
}

/** A JSON answer, a stream of bytes, or `written` where the handler used `outgoing` itself. */
export type Reply =
  | { status: number; body: object; headers?: Record<string, string> }
  | { status: number; stream: AsyncIterable<Uint8Array | string>; headers: Record<string, string> }
  | 'written'
