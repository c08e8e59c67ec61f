import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { policyName, sliceName } from '#server/access/model/binding-names.ts'
import type { Strategy } from '#server/access/model/model-binding.ts'
import { confirmDrift, suspects } from '#server/access/reconciler/detect-drift.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { EndpointSlice, NetworkPolicy, Service } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { clientOf, namespace, planScene, serving } from '#server/testing/access/plan-fixture.ts'
import { applyPlan } from './apply-plan.ts'

// Every way to lead an alias or a grant elsewhere that an edit of our objects allows: noticed, shown, and put back.

const ending = new AbortController()
let cluster: Awaited<ReturnType<typeof startCluster>>
let admin: Kube
let binder: Kube
let controller: Kube

const { bound, seal, grant } = planScene(
  () => admin,
  () => controller,
)

beforeAll(async () => {
  const manifests = 'manifests/overlays/embedded'
  cluster = await startCluster({ port: 0, manifests, signal: ending.signal })
  admin = connectKube({ kubeconfigText: cluster.kubeconfig })
  binder = await clientOf(cluster, serving, 'bindery-binder')
  controller = await clientOf(cluster, 'bindery-system', 'bindery-controller')
})

afterAll(async () => {
  ending.abort()
  await cluster?.close()
})

async function granted(alias: string, strategy: Strategy) {
  const binding = await bound(alias, strategy)
  const sealed = await seal(binding)
  await grant(binding, sealed.digest)
  await applyPlan(binder, sealed, new Date())
  const service = { namespace, name: alias }
  const policy = { namespace: serving, name: policyName(binding) }
  const slice = { namespace, name: sliceName(alias) }
  /** What differs by what a watch shows, then as the cluster says. */
  const drift = async () => {
    const services = [await admin.find(Service, service)].filter((one) => one !== undefined)
    const policies = [await admin.find(NetworkPolicy, policy)].filter((one) => one !== undefined)
    const slices = [await admin.find(EndpointSlice, slice)].filter((one) => one !== undefined)
    const live = { services, policies, slices, rights: [], strays: [] }
    const objects = suspects(sealed.plan, live)
    const changes = await confirmDrift({ kube: controller }, sealed.plan, objects)
    return changes.map(({ change, kind, fields }) => {
      return `${change} ${kind} ${fields.map(({ path }) => path)}`
    })
  }
  const repair = () => applyPlan(binder, { ...sealed, repair: true }, new Date())
  return { sealed, service, policy, slice, drift, repair }
}

const port = (name: string, number: number, more = {}) => ({
  name,
  port: number,
  protocol: 'TCP',
  ...more,
})
const everybody = { ingress: [{}] }

describe('an alias of a name', () => {
  test.each<[string, object, RegExp]>([
    ['its port', { ports: [port('http', 9999)] }, /spec.ports\[0\].port/],
    ['a second port', { ports: [port('http', 8080), port('b', 81)] }, /spec.ports\[1\]/],
    ['another name', { externalName: 'evil.example.com' }, /spec.externalName/],
    ['external addresses', { externalIPs: ['192.0.2.1'] }, /spec.externalIPs\[0\]/],
    [
      'pods of its own',
      { type: 'ClusterIP', externalName: null, selector: { app: 'thief' } },
      /spec.selector.app/,
    ],
  ])('%s', async (what, spec, path) => {
    const alias = `n-${what.replaceAll(' ', '-')}`
    const { service, drift, repair } = await granted(alias, 'ExternalName')
    expect(await drift()).toEqual([])
    const approved = await admin.get(Service, service)
    await admin.patch(Service, service, { spec })
    expect((await drift()).join()).toMatch(path)
    await repair()
    expect(await drift()).toEqual([])
    expect((await admin.get(Service, service)).spec).toEqual(approved.spec)
  })
})

describe('an alias of slices', () => {
  test.each<[string, object, RegExp]>([
    ['its port', { ports: [port('http', 9999, { targetPort: 8080 })] }, /spec.ports\[0\].port/],
    ['its target', { ports: [port('http', 8080, { targetPort: 9 })] }, /ports\[0\].targetPort/],
    ['a second port', { ports: [port('http', 8080), port('b', 81)] }, /spec.ports\[1\]/],
    ['pods of its own', { selector: { app: 'thief' } }, /spec.selector.app/],
    ['external addresses', { externalIPs: ['192.0.2.1'] }, /spec.externalIPs\[0\]/],
    ['a port of each node', { type: 'NodePort' }, /spec.type/],
    ['a load balancer', { type: 'LoadBalancer' }, /spec.type/],
    ['pods that are not ready', { publishNotReadyAddresses: true }, /publishNotReady/],
    ['a name', { type: 'ExternalName', externalName: 'evil.example.com' }, /spec.type/],
  ])('%s', async (what, spec, path) => {
    const alias = `s-${what.replaceAll(' ', '-').slice(0, 20)}`
    const { service, drift, repair } = await granted(alias, 'EndpointSlice')
    expect(await drift()).toEqual([])
    await admin.patch(Service, service, { spec })
    expect((await drift()).join()).toMatch(path)
    await repair()
    expect(await drift()).toEqual([])
    const { type, ports, selector, externalName } = (await admin.get(Service, service)).spec
    expect({ type, ports, selector, externalName }).toEqual({
      type: 'ClusterIP',
      ports: [port('http', 8080, { targetPort: 8080 })],
    })
  })

  test('ports and names of its slice', async () => {
    const { slice, drift, repair } = await granted('s-slice', 'EndpointSlice')
    const label = { 'kubernetes.io/service-name': 'other' }
    await admin.patch(EndpointSlice, slice, {
      metadata: { labels: label },
      ports: [port('http', 9), port('more', 10)],
    })
    expect((await drift()).join()).toMatch(/EndpointSlice .*ports\[0\].port.*ports\[1\]/)
    await repair()
    expect(await drift()).toEqual([])
  })
})

describe('a grant', () => {
  test.each<[string, (spec: Rules) => object, RegExp]>([
    ['everybody', () => everybody, /spec.ingress/],
    ['one more rule', ({ ingress }) => ({ ingress: [...ingress, { from: [] }] }), /ingress\[1\]/],
    [
      'one more namespace',
      ({ ingress: [rule] }) => ({
        ingress: [{ ...rule, from: [...(rule?.from ?? []), { namespaceSelector: {} }] }],
      }),
      /from\[1\]/,
    ],
    [
      'a range of ports',
      ({ ingress: [rule] }) => ({ ingress: [{ ...rule, ports: [{ port: 8080, endPort: 9000 }] }] }),
      /endPort/,
    ],
    ['other pods', () => ({ podSelector: { matchLabels: null } }), /podSelector/],
    ['a way out', () => ({ egress: [{}], policyTypes: ['Ingress', 'Egress'] }), /spec.egress/],
  ])('%s', async (what, change, path) => {
    const alias = `g-${what.replaceAll(' ', '-')}`
    const { policy, drift, repair } = await granted(alias, 'ExternalName')
    const { spec } = await admin.get(NetworkPolicy, policy)
    await admin.patch(NetworkPolicy, policy, { spec: change(spec as Rules) })
    expect((await drift()).join()).toMatch(path)
    await repair()
    expect(await drift()).toEqual([])
    expect((await admin.get(NetworkPolicy, policy)).spec).toEqual(spec)
  })
})

type Rules = { ingress: { from?: object[]; ports?: object[] }[] }

test('an object that the cluster does not let be compared keeps no other from being compared or put back', async () => {
  const { sealed, policy, drift, repair, service } = await granted('hindered', 'ExternalName')
  await admin.patch(NetworkPolicy, policy, { spec: everybody })
  await admin.patch(Service, service, { spec: { ports: [port('http', 9999)] } })
  const others = await clientOf(cluster, 'research-team-b', 'default')
  // Half of the rights are gone: neither controller nor binder may read the alias.
  const kube: Kube = {
    ...controller,
    find: (kind, ref) => (kind.kind === 'Service' ? others : controller).find(kind, ref),
  }
  const found = await confirmDrift({ kube }, sealed.plan, sealed.plan.apply)
  expect(found.map(({ kind, change }) => `${change} ${kind}`)).toEqual([
    'unknown Service',
    'update NetworkPolicy',
  ])
  const half: Kube = {
    ...binder,
    find: (kind, ref) => (kind.kind === 'Service' ? others : binder).find(kind, ref),
  }
  const run = applyPlan(half, { ...sealed, repair: true }, new Date())
  await expect(run).rejects.toThrow(`Service ${namespace}/hindered`)
  expect(await drift()).toEqual(['update Service spec.ports[0].port,spec.ports[0].targetPort'])
  await repair()
  expect(await drift()).toEqual([])
})

test('what others add beside it, and leads nowhere, is theirs', async () => {
  const { service, drift } = await granted('beside', 'EndpointSlice')
  await admin.patch(Service, service, {
    metadata: { labels: { team: 'a' }, annotations: { note: 'b' }, finalizers: ['example.com/c'] },
    spec: { sessionAffinity: 'ClientIP' },
  })
  expect(await drift()).toEqual([])
  await admin.patch(Service, service, { metadata: { finalizers: null } })
})
