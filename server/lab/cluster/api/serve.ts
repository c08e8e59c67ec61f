import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Api } from './api.ts'
import { certificateUser } from './client-certificate.ts'
import {
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  groupVersions,
} from './discovery/discovery.ts'
import { openApiDocument, openApiIndex, openApiV2 } from './discovery/openapi.ts'
import type { Handler } from './handler.ts'
import { negotiate } from './negotiate.ts'
import { type ApiPath, parseApiPath } from './parse-path.ts'
import { mediaType, parseBody, readBytes } from './read-body.ts'
import { isDryRun, verbOf } from './request.ts'
import { sendError, sendObject, sendReply, sendText } from './respond.ts'
import {
  badRequest,
  forbidden,
  methodNotAllowed,
  noSuchResource,
  StatusError,
  unauthorized,
} from './status.ts'
import type { Access, User } from './user.ts'
import { serveResource } from './verbs/serve-resource.ts'
import { clusterVersion } from './version.ts'

export type ServeOptions = {
  api: Api
  access: Access
  /** Further documents by path, such as those of the token issuer. */
  documentAt: (path: string) => object | undefined
  /** Told of errors that nobody foresaw. */
  report: (error: unknown) => void
  /** Aborts when the cluster closes. */
  signal: AbortSignal
}

/** Answers one request: who asks, what is asked, may they, do it. */
export async function serve(
  options: ServeOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const signal = AbortSignal.any([options.signal, gone.signal])
  try {
    await answer(options, incoming, response, signal)
  } catch (error) {
    sendError(response, error, options.report)
  }
}

async function answer(
  options: ServeOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { api, access } = options
  const { pathname, searchParams: query } = new URL(incoming.url ?? '/', 'https://cluster')
  const user = await access.authenticate(incoming.headers, certificateUser(incoming))
  if (!user) throw unauthorized()
  const path = parseApiPath(pathname)
  const verb = path && verbOf(incoming.method ?? 'GET', path, query)
  if (!path || pathname.replace(/\/$/, '').split('/').length < (path.group === '' ? 4 : 5)) {
    authorizePath(access, user, incoming.method ?? 'GET', pathname)
    return serveDocument(options, incoming, response, pathname)
  }
  if (!verb) throw methodNotAllowed()

  const served = api.registry.find(path.group, path.version, path.plural)
  const asked = { ...path, name: path.name ?? selectedName(verb, query) }
  authorizeResource(access, user, verb, asked, served?.resource.kind ?? path.plural)
  const handler = api.registry.handler(path.group, path.version, path.plural, path.subresource)
  if (handler && (!served || path.subresource)) {
    const reply = await handle(handler, { incoming, response, path, query, verb, user, signal })
    return sendReply(response, reply, signal)
  }
  if (!served) {
    const known = groupVersions(api.registry).get(path.group)?.includes(path.version)
    if (!known) return sendText(response, 404, '404 page not found\n')
    throw noSuchResource()
  }
  const may = (other: string) => access.authorize(user, attributesOf(other, path)).allowed
  return serveResource(api, served, { incoming, response, path, query, verb, user, signal, may })
}

type HandlerCall = {
  incoming: IncomingMessage
  response: ServerResponse
  path: ApiPath
  query: URLSearchParams
  verb: string
  user: User
  signal: AbortSignal
}

function handle(handler: Handler, call: HandlerCall): ReturnType<Handler['handle']> {
  const { incoming, response, path, query, verb, user, signal } = call
  if (!handler.verbs.includes(verb)) throw methodNotAllowed()
  if (path.subpath !== '' && !handler.subpath) throw noSuchResource()
  if (handler.namespaced && path.namespace === undefined) throw noSuchResource()
  return handler.handle({
    verb,
    method: incoming.method ?? 'GET',
    group: path.group,
    version: path.version,
    resource: path.plural,
    ...(path.subresource ? { subresource: path.subresource } : {}),
    ...(path.namespace === undefined ? {} : { namespace: path.namespace }),
    ...(path.name === undefined ? {} : { name: path.name }),
    subpath: path.subpath,
    query,
    user,
    dryRun: isDryRun(query),
    body: async () =>
      parseBody(
        await readBytes(incoming),
        mediaType(incoming.headers['content-type']),
        handler.kind,
      ),
    signal,
    incoming,
    outgoing: response,
  })
}

function attributesOf(verb: string, path: ApiPath) {
  const { group, version, plural, subresource, namespace, name } = path
  // A namespace is asked about as being inside of itself, so that its own admins may read it.
  const inside = plural === 'namespaces' && group === '' && name ? name : namespace
  return {
    verb,
    group,
    version,
    resource: plural,
    ...(subresource ? { subresource } : {}),
    ...(inside === undefined ? {} : { namespace: inside }),
    ...(name === undefined ? {} : { name }),
  }
}

/** A list or watch of `metadata.name=x` is judged as one of that name, as in the API server's RequestInfo. */
function selectedName(verb: string, query: URLSearchParams): string | undefined {
  if (verb !== 'list' && verb !== 'watch') return undefined
  const terms = (query.get('fieldSelector') ?? '').split(',')
  return terms.map((term) => /^metadata\.name==?([^!=]+)$/.exec(term)?.[1]).find(Boolean)
}

function authorizeResource(
  access: Access,
  user: User,
  verb: string,
  path: ApiPath,
  kind: string,
): void {
  const attributes = attributesOf(verb, path)
  const { allowed, reason } = access.authorize(user, attributes)
  if (allowed) return
  const { group, plural, subresource, name = '' } = path
  const asked = subresource ? `${plural}/${subresource}` : plural
  const where =
    attributes.namespace === undefined
      ? 'at the cluster scope'
      : `in the namespace "${attributes.namespace}"`
  const why = `User "${user.username}" cannot ${verb} resource "${asked}" in API group "${group}" ${where}`
  throw forbidden({ group, plural, kind }, name, reason ? `${why}: ${reason}` : why)
}

function authorizePath(access: Access, user: User, method: string, path: string): void {
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase()
  const { allowed } = access.authorize(user, { verb, path })
  if (allowed) return
  const message = `forbidden: User "${user.username}" cannot ${verb} path "${path}"`
  throw new StatusError(403, 'Forbidden', message, {})
}

function serveDocument(
  { api, documentAt }: ServeOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
  pathname: string,
): void {
  if (incoming.method !== 'GET' && incoming.method !== 'HEAD') throw methodNotAllowed()
  const path = pathname.replace(/\/+$/, '')
  if (/^\/(healthz|livez|readyz)(\/[\w-]+)*$/.test(path)) {
    sendText(response, 200, 'ok')
    return
  }
  if (path === '/openapi/v2') {
    negotiate(incoming.headers.accept, () => false)
    sendObject(response, 200, openApiV2(api.registry))
    return
  }
  const document = discoveryAt(api, incoming, path) ?? openApiAt(api, path) ?? documentAt(path)
  // kubectl believes that discovery is aggregated only where the media type says so.
  const parameters =
    document &&
    'kind' in document &&
    document.kind === 'APIGroupDiscoveryList' &&
    'apiVersion' in document
      ? `;g=apidiscovery.k8s.io;v=${String(document.apiVersion).split('/')[1]};as=APIGroupDiscoveryList`
      : ''
  if (document) sendObject(response, 200, document, 'json', [], parameters)
  else sendText(response, 404, '404 page not found\n')
}

function discoveryAt(
  { registry }: Api,
  incoming: IncomingMessage,
  path: string,
): object | undefined {
  if (path === '/version') return clusterVersion
  const [root, group = '', version, ...more] = path.slice(1).split('/')
  if (more.length > 0) return undefined
  if (path === '/api' || path === '/apis') {
    const { as, version: asked } = negotiate(
      incoming.headers.accept,
      (one) => one.group === 'apidiscovery.k8s.io' && ['v2', 'v2beta1'].includes(one.version ?? ''),
    )
    if (as === 'APIGroupDiscoveryList')
      return aggregatedDiscovery(registry, path === '/api', asked ?? 'v2')
    return path === '/apis' ? apiGroupList(registry) : apiVersions(incoming.headers.host ?? '')
  }
  if (root === 'api') return version ? undefined : apiResourceList(registry, '', group)
  if (root !== 'apis') return undefined
  return version ? apiResourceList(registry, group, version) : apiGroup(registry, group)
}

function openApiAt({ registry }: Api, path: string): object | undefined {
  if (path === '/openapi/v3') return openApiIndex(registry)
  const match = /^\/openapi\/v3\/(api|apis\/([^/]+))\/([^/]+)$/.exec(path)
  if (!match) return undefined
  const [, , group = '', version = ''] = match
  if (!groupVersions(registry).get(group)?.includes(version))
    throw badRequest(`unknown group version ${path}`)
  return openApiDocument(registry, group, version)
}
