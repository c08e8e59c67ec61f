import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { ApiRequest, Handler } from '#server/lab/cluster/api/handler.ts'
import { badRequest, notFound, StatusError } from '#server/lab/cluster/api/status.ts'
import type { ClusterClient } from '#server/lab/cluster/client.ts'
import { slicesOf } from './cluster-names.ts'
import { readyEndpoints } from './kube-proxy.ts'
import { containerPort } from './network-policy.ts'

type Target = { scheme: 'http' | 'https'; host: string; port: number }

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
// The caller's credentials for this API are nobody else's business.
const withheld = new Set([
  'authorization',
  'host',
  'impersonate-user',
  'impersonate-group',
  'impersonate-uid',
])

/** `services/[scheme:]NAME[:port]/proxy/…` and `pods/…/proxy/…`. */
export function proxyHandlers(client: ClusterClient): Handler[] {
  const handlerFor = (
    plural: string,
    kind: string,
    find: (request: ApiRequest) => Target,
  ): Handler => ({
    group: '',
    version: 'v1',
    plural,
    subresource: 'proxy',
    kind,
    namespaced: true,
    verbs: ['get', 'create', 'update', 'patch', 'delete'],
    subpath: true,
    handle: (request) => forward(request, find(request)),
  })
  return [
    handlerFor('services', 'ServiceProxyOptions', (request) => serviceTarget(client, request)),
    handlerFor('pods', 'PodProxyOptions', (request) => podTarget(client, request)),
  ]
}

function serviceTarget(client: ClusterClient, request: ApiRequest): Target {
  const { scheme, name, port } = splitName(request.name ?? '', 'service')
  const service = client.find('services', request.namespace, name)
  // An ExternalName Service has no endpoints to look up; the API server says it is not there.
  if (!service || service.spec?.type === 'ExternalName')
    throw notFound({ group: '', plural: 'services', kind: 'Service' }, name)
  const ports: { name?: string; port: number }[] = service.spec?.ports ?? []
  const known = ports.find((one) =>
    /^\d+$/.test(port) ? one.port === Number(port) : (one.name ?? '') === port,
  )
  if (!known && /^\d+$/.test(port))
    throw unavailable(`no service port ${port} found for service "${name}"`)
  const slices = client.list('endpointslices.discovery.k8s.io', { namespace: request.namespace })
  const endpoints = readyEndpoints(slicesOf(service, slices), known?.name ?? '')
  const chosen = known && endpoints[Math.floor(Math.random() * endpoints.length)]
  if (!chosen) throw unavailable(`no endpoints available for service "${name}"`)
  return { scheme, host: chosen.ip, port: chosen.port }
}

function podTarget(client: ClusterClient, request: ApiRequest): Target {
  const { scheme, name, port } = splitName(request.name ?? '', 'pod')
  const pod = client.find('pods', request.namespace, name)
  if (!pod) throw notFound({ group: '', plural: 'pods', kind: 'Pod' }, name)
  const first: number | undefined = pod.spec.containers.find(
    (one: { ports?: unknown[] }) => one.ports?.length,
  )?.ports[0].containerPort
  const number = port === '' ? (first ?? 80) : (containerPort(pod, port) ?? Number(port))
  if (!Number.isInteger(number)) throw badRequest(`invalid pod request "${request.name}"`)
  if (!pod.status?.podIP) throw badRequest('address not allowed')
  return { scheme, host: pod.status.podIP, port: number }
}

function splitName(
  text: string,
  what: string,
): { scheme: 'http' | 'https'; name: string; port: string } {
  const parts = text.split(':')
  const [first = '', second = '', third = ''] = parts
  if (parts.length === 3 && (first === 'http' || first === 'https' || first === ''))
    return { scheme: first === 'https' ? 'https' : 'http', name: second, port: third }
  if (parts.length > 2) throw badRequest(`invalid ${what} request "${text}"`)
  return { scheme: 'http', name: first, port: second }
}

function forward(request: ApiRequest, target: Target): Promise<'written'> {
  const { incoming, outgoing } = request
  const { search } = new URL(incoming.url ?? '/', 'http://unused')
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).filter(([name]) => !hopByHop.has(name) && !withheld.has(name)),
  )
  return new Promise((resolve, reject) => {
    const send = target.scheme === 'https' ? httpsRequest : httpRequest
    const upstream = send({
      host: target.host,
      port: target.port,
      method: request.method,
      path: `${request.subpath || '/'}${search}`,
      headers: { ...headers, host: `${target.host}:${target.port}` },
      agent: false,
      signal: request.signal,
      // Certificates of pods name nothing that could be checked here.
      rejectUnauthorized: false,
    })
    upstream.on('error', (error: Error & { code?: string }) => {
      if (outgoing.headersSent) {
        outgoing.destroy()
        return resolve('written')
      }
      const refused = error.code === 'ECONNREFUSED'
      const why = refused
        ? `dial tcp ${target.host}:${target.port}: connect: connection refused`
        : error.message
      reject(unavailable(`error trying to reach service: ${why}`))
    })
    upstream.on('response', (response) => {
      const answered = Object.entries(response.headers).filter(([name]) => !hopByHop.has(name))
      outgoing.writeHead(response.statusCode ?? 502, Object.fromEntries(answered))
      response.pipe(outgoing)
      response.on('error', () => outgoing.destroy())
      response.on('close', () => resolve('written'))
    })
    incoming.pipe(upstream)
  })
}

function unavailable(message: string): StatusError {
  return new StatusError(503, 'ServiceUnavailable', message)
}
