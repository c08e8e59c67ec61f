import { z } from 'zod'
import { fieldsOfIssues } from '#server/access/model/request-schema.ts'
import { apiRoutes, type ParamsOf, type RouteKey } from '#server/api-routes.ts'
import type { Context } from '#server/context.ts'
import type { Person, Session } from '#server/platform/auth/session.ts'
import { refuseForeignOrigin } from '#server/platform/http/same-origin.ts'
import { sourceHeader } from '#server/platform/http/trusted-proxy.ts'
import { parseBoundedJson } from '#server/platform/model/bounded-json.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { RouteAccess, RouteDeclaration } from '#server/platform/model/route-declaration.ts'
import { storableText } from '#server/platform/model/storable-text.ts'
import { contextOf } from './context-of.ts'
import type { ProcessState } from './process-state.ts'

/** A request as both servers see it: node's own and Next's. */
export type RawRequest = {
  method: string
  header(name: string): string | undefined
  query: URLSearchParams
  /** Rejects with `too-large` where it is. */
  body(): Promise<string>
  signal: AbortSignal
  /** Its number, as its answer and the audit trail carry it. */
  id: string
}

type Schemas<Q, B> = { query?: z.ZodType<Q>; body?: z.ZodType<B> }

type IsPublic<K extends RouteKey> = (typeof apiRoutes)[K]['access'] extends { type: 'public' }
  ? true
  : false

export type AuthorizedRequest<K extends RouteKey, Q, B> = {
  state: ProcessState
  params: ParamsOf<K>
  query: Q
  body: B
  signal: AbortSignal
  header: RawRequest['header']
  /** The query as it came, where another server wrote it. */
  search: URLSearchParams
  /** Adds a `Set-Cookie` header to the answer. */
  setCookie(cookie: string): void
  person: IsPublic<K> extends true ? undefined : Person
  session: IsPublic<K> extends true ? undefined : Session
  ctx: IsPublic<K> extends true ? undefined : Context
}

const kubeName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'is not a name')

const paramSchemas: Record<string, z.ZodType<string>> = {
  namespace: z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'is not a name'),
  name: kubeName,
  id: z.uuid('is not an id'),
  // Of the interpreter for programs in an answer.
  version: z.string().regex(/^[0-9a-f]{1,64}$/, 'is no version'),
  file: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,99}$/, 'is no file'),
}

/**
 * Everything between a request and its handler, in this order: is it ours, who is it, what do they ask, may they. Only
 * what was declared gets in; access of type `run` and `own` is decided by the use case, which has to read first.
 */
export async function authenticateAndAuthorize<K extends RouteKey, Q, B>(
  key: K,
  state: ProcessState,
  request: RawRequest,
  rawParams: Record<string, string>,
  schemas: Schemas<Q, B>,
  setCookie: (cookie: string) => void = () => {},
): Promise<AuthorizedRequest<K, Q, B>> {
  const { access, form }: RouteDeclaration = apiRoutes[key]
  if (!form) refuseForeignOrigin(request.method, request.header, state.config.NEXTAUTH_URL)
  const session =
    access.type === 'public' ? undefined : await state.sessions.of(request.header('cookie'))
  if (access.type !== 'public' && !session) {
    throw new AppError('unauthenticated', 'You are not signed in.')
  }
  const person = session?.person
  const params = parseParams(key, rawParams)
  const query = schemas.query && parse(schemas.query, storableFields(request.query))
  const origin = { requestId: request.id, source: request.header(sourceHeader) }
  const ctx = person && contextOf(state, person, request.signal, origin)
  // Nothing is read of a body whose sender may not send one.
  const isInBody = access.type === 'review' && access.in === 'body'
  if (ctx && !isInBody) await review(ctx, access, params, undefined)
  const body = schemas.body && parse(schemas.body, await (form ? readForm : readJson)(request))
  if (ctx && isInBody) await review(ctx, access, params, body)
  // The shape follows from the declaration, which TypeScript cannot see through the key.
  const { signal, header, query: search } = request
  const asked = { state, params, query, search, body, signal, header, setCookie }
  return { ...asked, person, session, ctx } as AuthorizedRequest<K, Q, B>
}

async function review(
  ctx: Context,
  access: RouteAccess,
  params: Record<string, string>,
  body: unknown,
): Promise<void> {
  if (access.type !== 'review') return
  const { verb, resource } = access
  if (access.in === 'serving') {
    return ctx.authorize({ verb, resource, namespace: ctx.servingNamespace })
  }
  if (access.in === 'body') {
    const { namespace } = z.object({ namespace: z.string().min(1) }).parse(body)
    return ctx.authorize({ verb, resource, namespace })
  }
  const { namespace, name } = params
  // Nobody creates by name; a review of `create` with one would ask something else.
  return ctx.authorize({ verb, resource, namespace, name: verb === 'create' ? undefined : name })
}

/** Of each route that was asked: making a schema takes longer than what it is made for. */
const schemasOfParams = new Map<RouteKey, z.ZodType<Record<string, string>>>()

function parseParams(key: RouteKey, raw: Record<string, string>): Record<string, string> {
  let schema = schemasOfParams.get(key)
  if (!schema) {
    const names = Object.keys(raw)
    schema = z.object(
      Object.fromEntries(names.map((name) => [name, paramSchemas[name] ?? z.string().max(253)])),
    )
    schemasOfParams.set(key, schema)
  }
  return parse(schema, raw)
}

/** Far above what any of our pages sends. */
const bodyBounds = { depth: 32, containers: 2_000, members: 4_000, values: 4_000 }
const bodyWords = {
  'not-json': 'The body is not valid JSON.',
  'too-deep': 'The body is nested too deeply.',
  'too-many': 'The body holds too many objects, lists or values.',
}

async function readJson(request: RawRequest): Promise<unknown> {
  const text = await request.body()
  if (text === '') return {}
  const type = request.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    throw new AppError('bad-request', 'The body must be JSON (content-type: application/json).')
  }
  const read = parseBoundedJson(text, bodyBounds, (_, value) =>
    typeof value === 'string' ? storableText(value) : value,
  )
  if ('value' in read) return read.value
  throw new AppError('bad-request', bodyWords[read.reason])
}

async function readForm(request: RawRequest): Promise<unknown> {
  return storableFields(new URLSearchParams(await request.body()))
}

/** What no database can hold comes no further than here. */
function storableFields(fields: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...fields].map(([name, value]) => [name, storableText(value)]))
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const fields = fieldsOfIssues(parsed.error)
  const named = fields.map(({ field, message }) => (field ? `${field}: ${message}` : message))
  const text = named.join('; ').slice(0, 1000)
  throw new AppError('bad-request', `The request is not right: ${text}`, { fields })
}
