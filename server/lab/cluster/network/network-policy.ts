import type { KubeObject } from '#server/lab/cluster/client.ts'
import { inCidr } from './addresses.ts'
import { type LabelSelector, selectorMatches } from './label-selector.ts'

/** What the rules speak about. */
export type PolicyWorld = {
  policies: KubeObject[]
  namespaceLabels: (namespace: string) => Record<string, string>
}

/** Inclusive ranges of TCP ports. */
export type PortRanges = [from: number, to: number][]

export const allPorts: PortRanges = [[0, 65535]]

type PolicyPort = { port?: number | string; endPort?: number; protocol?: string }
type Peer = {
  podSelector?: LabelSelector
  namespaceSelector?: LabelSelector
  ipBlock?: { cidr: string; except?: string[] }
}
type Rule = { ports?: PolicyPort[]; from?: Peer[]; to?: Peer[] }

/** The TCP ports of `target` that `source` may reach: what ingress of the one and egress of the other both allow. */
export function reachablePorts(
  world: PolicyWorld,
  source: KubeObject,
  target: KubeObject,
): PortRanges {
  const ingress = allowedBy(world, 'Ingress', target, source, target)
  const egress = allowedBy(world, 'Egress', source, target, target)
  return intersect(ingress, egress)
}

export function includesPort(ranges: PortRanges, port: number): boolean {
  return ranges.some(([from, to]) => port >= from && port <= to)
}

export function isIsolated(
  world: PolicyWorld,
  direction: 'Ingress' | 'Egress',
  pod: KubeObject,
): boolean {
  return policiesFor(world, direction, pod).length > 0
}

function policiesFor(
  world: PolicyWorld,
  direction: 'Ingress' | 'Egress',
  pod: KubeObject,
): KubeObject[] {
  return world.policies.filter((policy) => {
    const types: string[] = policy.spec?.policyTypes ?? [
      'Ingress',
      ...(policy.spec?.egress ? ['Egress'] : []),
    ]
    return (
      policy.metadata.namespace === pod.metadata.namespace &&
      types.includes(direction) &&
      selectorMatches(policy.spec?.podSelector ?? {}, pod.metadata.labels)
    )
  })
}

function allowedBy(
  world: PolicyWorld,
  direction: 'Ingress' | 'Egress',
  selected: KubeObject,
  peer: KubeObject,
  portOwner: KubeObject,
): PortRanges {
  const policies = policiesFor(world, direction, selected)
  if (policies.length === 0) return allPorts
  const ranges: PortRanges = []
  for (const policy of policies) {
    const rules: Rule[] =
      (direction === 'Ingress' ? policy.spec?.ingress : policy.spec?.egress) ?? []
    for (const rule of rules) {
      const peers = direction === 'Ingress' ? rule.from : rule.to
      const namespace = policy.metadata.namespace ?? ''
      const matches =
        !peers?.length || peers.some((one) => peerMatches(world, one, namespace, peer))
      if (matches) ranges.push(...portsOf(rule, portOwner))
    }
  }
  return ranges
}

function peerMatches(world: PolicyWorld, peer: Peer, namespace: string, pod: KubeObject): boolean {
  const ip: string | undefined = pod.status?.podIP
  if (peer.ipBlock) {
    if (!ip || !inCidr(ip, peer.ipBlock.cidr)) return false
    return !(peer.ipBlock.except ?? []).some((cidr) => inCidr(ip, cidr))
  }
  const podNamespace = pod.metadata.namespace ?? ''
  const inNamespace = peer.namespaceSelector
    ? selectorMatches(peer.namespaceSelector, world.namespaceLabels(podNamespace))
    : podNamespace === namespace
  return inNamespace && selectorMatches(peer.podSelector ?? {}, pod.metadata.labels)
}

function portsOf(rule: Rule, pod: KubeObject): PortRanges {
  if (!rule.ports?.length) return allPorts
  return rule.ports
    .filter((port) => (port.protocol ?? 'TCP') === 'TCP')
    .flatMap((port): PortRanges => {
      if (port.port === undefined) return allPorts
      if (typeof port.port === 'number') return [[port.port, port.endPort ?? port.port]]
      const named = containerPort(pod, port.port)
      return named === undefined ? [] : [[named, named]]
    })
}

/** The number of a named container port. */
export function containerPort(pod: KubeObject, name: string): number | undefined {
  for (const container of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])])
    for (const port of container.ports ?? []) if (port.name === name) return port.containerPort
  return undefined
}

function intersect(a: PortRanges, b: PortRanges): PortRanges {
  return a.flatMap(([from, to]) =>
    b
      .map(([f, t]): [number, number] => [Math.max(from, f), Math.min(to, t)])
      .filter(([f, t]) => f <= t),
  )
}
