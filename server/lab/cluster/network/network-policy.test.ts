import { expect, test } from 'vitest'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import {
  allPorts,
  includesPort,
  isIsolated,
  type PolicyWorld,
  reachablePorts,
} from './network-policy.ts'

const object = (
  kind: string,
  namespace: string,
  labels: Record<string, string>,
  rest: object = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', namespace, labels, uid: '', resourceVersion: '', creationTimestamp: '' },
  ...rest,
})
const pod = (namespace: string, app: string, podIP: string) =>
  object(
    'Pod',
    namespace,
    { app },
    {
      spec: { containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080 }] }] },
      status: { podIP },
    },
  )
const world = (...specs: object[]): PolicyWorld => ({
  policies: specs.map((spec) => object('NetworkPolicy', 'serving', {}, { spec })),
  namespaceLabels: (namespace) => ({ 'kubernetes.io/metadata.name': namespace }),
})
const gateway = pod('serving', 'gateway', '127.64.0.1')
const engine = pod('serving', 'engine', '127.64.0.2')
const tenant = pod('team-a', 'job', '127.64.1.1')

test('without a policy everything is open', () => {
  expect(reachablePorts(world(), tenant, engine)).toEqual(allPorts)
  expect(isIsolated(world(), 'Ingress', engine)).toBe(false)
})

test('an empty selector of policies isolates every pod of the namespace', () => {
  const closed = world({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
  expect(reachablePorts(closed, tenant, engine)).toEqual([])
  expect(reachablePorts(closed, gateway, tenant)).toEqual([])
})

test('policies add up, and both directions have to agree', () => {
  const rules = world(
    { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    {
      podSelector: { matchLabels: { app: 'engine' } },
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: 'gateway' } } }], ports: [{ port: 'http' }] },
      ],
    },
  )
  expect(reachablePorts(rules, gateway, engine)).toEqual([])
  rules.policies.push(
    object(
      'NetworkPolicy',
      'serving',
      {},
      {
        spec: {
          podSelector: { matchLabels: { app: 'gateway' } },
          policyTypes: ['Egress'],
          egress: [{ to: [{ podSelector: {} }], ports: [{ port: 8000, endPort: 9000 }] }],
        },
      },
    ),
  )
  expect(reachablePorts(rules, gateway, engine)).toEqual([[8080, 8080]])
  expect(reachablePorts(rules, tenant, engine)).toEqual([])
})

test('a namespace is named by the label that nobody can forge', () => {
  const peer = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'team-a' } } }
  const rules = world({
    podSelector: {},
    ingress: [{ from: [peer], ports: [{ port: 8080 }, { port: 53, protocol: 'UDP' }] }],
  })
  const ports = reachablePorts(rules, tenant, gateway)
  expect(includesPort(ports, 8080)).toBe(true)
  expect(includesPort(ports, 53)).toBe(false)
  expect(reachablePorts(rules, pod('team-b', 'job', '127.64.1.2'), gateway)).toEqual([])
})

test('an address block has exceptions', () => {
  const peer = { ipBlock: { cidr: '127.64.1.0/24', except: ['127.64.1.128/25'] } }
  const rules = world({ podSelector: {}, ingress: [{ from: [peer] }] })
  expect(reachablePorts(rules, tenant, gateway)).toEqual(allPorts)
  expect(reachablePorts(rules, pod('team-a', 'job', '127.64.1.200'), gateway)).toEqual([])
})
