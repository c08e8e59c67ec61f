import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { renderUnbindPlan } from '#server/access/model/render-plan.ts'
import { readyAddresses } from '#server/access/reconciler/ready-addresses.ts'
import { syncAliasSlices } from '#server/access/reconciler/sync-alias-slices.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { EndpointSlice, Pod, Service } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import {
  clientOf,
  domain,
  gatewayPod,
  namespace,
  planScene,
  serving,
} from '#server/testing/access/plan-fixture.ts'
import { applyPlan } from './apply-plan.ts'
import { removeTargets } from './remove-targets.ts'

const ending = new AbortController()
let cluster: Awaited<ReturnType<typeof startCluster>>
let admin: Kube
let binder: Kube
let controller: Kube

const { bound, service, seal, grant } = planScene(
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

test('the slices of an alias follow the gateway’s ready pods', async () => {
  const binding = await bound('sliced', 'EndpointSlice')
  const sealed = await seal(binding)
  await grant(binding, sealed.digest)
  await applyPlan(binder, sealed, new Date())
  await admin.create(Pod, gatewayPod('gateway-stand-in'))
  const gateway = await vi.waitFor(
    async () => {
      const labelSelector = 'kubernetes.io/service-name=vibethinker-svc'
      const found = await admin.list(EndpointSlice, { namespace: serving, labelSelector })
      expect(readyAddresses(found)).toHaveLength(1)
      return found
    },
    { timeout: 30_000 },
  )
  expect(await sync('sliced', gateway)).toBe(true)
  expect(await sync('sliced', gateway)).toBe(false)
  const [slice] = await slicesOf('sliced')
  expect(readyAddresses([slice as EndpointSlice])).toEqual(readyAddresses(gateway))
  expect(slice?.metadata.labels).toMatchObject({ 'kubernetes.io/service-name': 'sliced' })

  // The binder's own fields are no conflict with the controller's.
  await applyPlan(binder, sealed, new Date())
  expect((await slicesOf('sliced'))[0]?.endpoints).toEqual(slice?.endpoints)
})

test('many pods and two families make more slices; they go when they are not needed, or with their alias', async () => {
  const binding = await bound('wide', 'EndpointSlice')
  const sealed = await seal(binding)
  await grant(binding, sealed.digest)
  await applyPlan(binder, sealed, new Date())
  const many = [...pods('IPv4', 250), ...pods('IPv6', 101)]
  expect(await sync('wide', many)).toBe(true)
  const sizes = async () =>
    (await slicesOf('wide')).map((one) => `${one.metadata.name} ${one.endpoints?.length ?? 0}`)
  expect(await sizes()).toEqual([
    'wide-bindery 100',
    'wide-bindery-2 100',
    'wide-bindery-3 50',
    'wide-bindery-ipv6 100',
    'wide-bindery-ipv6-2 1',
  ])
  expect(await sync('wide', many)).toBe(false)
  expect(await sync('wide', pods('IPv4', 3))).toBe(true)
  expect(await sizes()).toEqual(['wide-bindery 3'])

  await sync('wide', many)
  const current = await admin.get(ModelBinding, { namespace, name: 'wide' })
  await removeTargets(binder, renderUnbindPlan(current, await service(), domain))
  await vi.waitFor(async () => expect(await sizes()).toEqual([]), { timeout: 30_000 })
})

test('an alias that cannot be kept in step is stale, and says why until it is', async () => {
  const binding = await bound('stale', 'EndpointSlice')
  const sealed = await seal(binding)
  await grant(binding, sealed.digest)
  await applyPlan(binder, sealed, new Date())
  const stale = async () => {
    const { status } = await admin.get(ModelBinding, { namespace, name: 'stale' })
    return conditionOf(status?.conditions, 'Stale')
  }
  const one = pods('IPv4', 1)
  // Whose right to write here was taken away: the gateway itself has none.
  const powerless = await clientOf(cluster, serving, 'bindery-gateway')
  const kube = { ...controller, apply: powerless.apply }
  await expect(sync('stale', one, kube)).rejects.toMatchObject({ code: 'forbidden' })
  expect(await stale()).toMatchObject({ status: 'True', reason: 'NotWritten' })
  await sync('stale', one)
  expect(await stale()).toMatchObject({ status: 'False', reason: 'InStep' })
})

/** One step of the controller, from what is there now. */
async function sync(name: string, gateway: EndpointSlice[], kube = controller): Promise<boolean> {
  const binding = await admin.get(ModelBinding, { namespace, name })
  const labelSelector = `bindery.dev/binding-uid=${binding.metadata.uid}`
  const services = await admin.list(Service, { namespace, labelSelector })
  const live = { services, slices: await slicesOf(name) }
  return syncAliasSlices({ kube, now: () => new Date() }, binding, live, gateway)
}

async function slicesOf(alias: string): Promise<EndpointSlice[]> {
  const labelSelector = `kubernetes.io/service-name=${alias}`
  const found = await admin.list(EndpointSlice, { namespace, labelSelector })
  return found.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
}

/** Slices as Kubernetes would keep them for so many pods of the gateway. */
function pods(addressType: 'IPv4' | 'IPv6', count: number): EndpointSlice[] {
  const address = (n: number) =>
    addressType === 'IPv4' ? `10.1.${n >> 8}.${n & 255}` : `fd00::${(n + 1).toString(16)}`
  return [
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { namespace: serving, name: `gateway-${addressType}` },
      addressType,
      endpoints: Array.from({ length: count }, (_, n) => ({ addresses: [address(n)] })),
    },
  ]
}
