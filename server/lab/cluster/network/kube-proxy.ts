import { connect, createServer, type Server, type Socket } from 'node:net'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { slicesOf } from './cluster-names.ts'
import type { ClusterState } from './cluster-state.ts'
import { includesPort, reachablePorts } from './network-policy.ts'
import { pipeSockets, reset } from './pipe-sockets.ts'

export type Endpoint = { ip: string; port: number }

type Listener = { server: Server; endpoints: Endpoint[]; next: number; sticky: boolean }

export type KubeProxy = {
  update(state: ClusterState): void
  close(): void
}

/**
 * Listens on the address of every Service, and on the node's for node ports, for as long as it has ready endpoints;
 * without any the connection is refused. The source address is kept, so that policies and servers see the pod.
 */
export function startKubeProxy(warn: (message: string) => void): KubeProxy {
  const listeners = new Map<string, Listener>()
  const failed = new Set<string>()
  let state: ClusterState | undefined

  function accept(listener: Listener, client: Socket) {
    const endpoint = pick(listener, client.remoteAddress ?? '')
    if (!endpoint || !state || !admits(state, client.remoteAddress ?? '', endpoint)) {
      client.on('error', () => {})
      return reset(client)
    }
    const upstream = connect({
      host: endpoint.ip,
      port: endpoint.port,
      allowHalfOpen: true,
      localAddress:
        isPodAddress(client.remoteAddress) && isPodAddress(endpoint.ip)
          ? client.remoteAddress
          : undefined,
    })
    pipeSockets(client, upstream)
  }

  function listen(key: string, endpoints: Endpoint[], sticky: boolean) {
    const [host = '', port = ''] = key.split(':')
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    const listener: Listener = { server, endpoints, next: 0, sticky }
    server.on('connection', (client) => accept(listener, client))
    server.on('error', (error) => {
      listeners.delete(key)
      failed.add(key)
      warn(`no connections to ${key}: ${error.message}`)
    })
    server.listen(Number(port), host)
    server.unref()
    listeners.set(key, listener)
  }

  return {
    update(current) {
      state = current
      const wanted = new Map<string, { endpoints: Endpoint[]; sticky: boolean }>()
      const slices = current.objects('endpointslices.discovery.k8s.io')
      for (const service of current.objects('services'))
        for (const [key, endpoints] of frontends(service, slices))
          if (endpoints.length > 0)
            wanted.set(key, { endpoints, sticky: service.spec?.sessionAffinity === 'ClientIP' })

      for (const [key, listener] of listeners) {
        if (wanted.has(key)) continue
        listener.server.close()
        listeners.delete(key)
      }
      for (const key of failed) if (!wanted.has(key)) failed.delete(key)
      for (const [key, { endpoints, sticky }] of wanted) {
        const listener = listeners.get(key)
        if (listener) Object.assign(listener, { endpoints, sticky })
        else if (!failed.has(key)) listen(key, endpoints, sticky)
      }
    },
    close() {
      for (const { server } of listeners.values()) server.close()
      listeners.clear()
    },
  }
}

/** `ip:port` of a Service with the ready endpoints behind it. */
function frontends(service: KubeObject, slices: KubeObject[]): Map<string, Endpoint[]> {
  const found = new Map<string, Endpoint[]>()
  const { spec } = service
  if (!spec?.clusterIP || spec.clusterIP === 'None' || spec.type === 'ExternalName') return found
  const own = slicesOf(service, slices)
  for (const port of spec.ports ?? []) {
    if ((port.protocol ?? 'TCP') !== 'TCP') continue
    const endpoints = readyEndpoints(own, port.name ?? '')
    found.set(`${spec.clusterIP}:${port.port}`, endpoints)
    if (port.nodePort) found.set(`127.0.0.1:${port.nodePort}`, endpoints)
  }
  return found
}

/** The ready endpoints behind one named port of a Service's slices. */
export function readyEndpoints(slices: KubeObject[], portName: string): Endpoint[] {
  return slices.flatMap((slice) => {
    if (slice.addressType !== 'IPv4') return []
    const port: number | undefined = (slice.ports ?? []).find(
      (one: { name?: string }) => (one.name ?? '') === portName,
    )?.port
    if (port === undefined) return []
    const ready = (slice.endpoints ?? []).filter(
      (endpoint: { conditions?: { ready?: boolean } }) => endpoint.conditions?.ready !== false,
    )
    return ready.flatMap((endpoint: { addresses: string[] }) =>
      endpoint.addresses.map((ip) => ({ ip, port })),
    )
  })
}

function pick(listener: Listener, source: string): Endpoint | undefined {
  const { endpoints } = listener
  if (listener.sticky) {
    const sum = [...source].reduce((total, char) => total * 31 + char.charCodeAt(0), 7)
    return endpoints[sum % endpoints.length]
  }
  listener.next = (listener.next + 1) % endpoints.length
  return endpoints[listener.next]
}

/** Asked at every connection, so that a policy counts from the moment it is stored. */
function admits(state: ClusterState, sourceIp: string, endpoint: Endpoint): boolean {
  const source = state.podByIp(sourceIp)
  const target = state.podByIp(endpoint.ip)
  if (!source || !target || source === target) return true
  return includesPort(reachablePorts(state, source, target), endpoint.port)
}

function isPodAddress(ip: string | undefined): boolean {
  const [first, second] = (ip ?? '').split('.').map(Number)
  return first === 127 && second !== undefined && second >= 64 && second < 128
}
