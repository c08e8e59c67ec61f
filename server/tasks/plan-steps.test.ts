import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { startCluster } from '#server/devcluster/start-cluster.ts'
import { rightsName } from '#server/domain/binding-names.ts'
import { statusAfter } from '#server/domain/binding-status.ts'

import { ModelBinding, type Strategy } from '#server/domain/model-binding.ts'
import { ModelService } from '#server/domain/model-service.ts'
import { tenantBinderRole } from '#server/domain/names.ts'
import { sealText } from '#server/domain/plan.ts'
import { renderPlan, renderUnbindPlan } from '#server/domain/render-plan.ts'
import { sampleBinding } from '#server/domain/sample-objects.ts'
import { connectKube } from '#server/kube/connect-kube.ts'
import {
  Deployment,
  EndpointSlice,
  NetworkPolicy,
  Pod,
  RoleBinding,
  Service,
} from '#server/kube/kinds.ts'
import type { Kube } from '#server/kube/kube.ts'
import { previewPlan } from '#server/usecases/preview-plan.ts'
import { readyEndpoints, syncEndpointSlice } from '#server/usecases/sync-endpoint-slice.ts'
import { applyPlan } from './apply-plan.ts'
import { deployEngine } from './deploy-engine.ts'
import { removeTargets } from './remove-targets.ts'
import { waitForEngine } from './wait-for-service.ts'

type Cluster = Awaited<ReturnType<typeof startCluster>>

const namespace = 'research-team-a'
const serving = 'model-serving-prod'
const domain = 'cluster.local'
const ending = new AbortController()
let cluster: Cluster
let admin: Kube
let binder: Kube
let controller: Kube
let deployer: Kube

beforeAll(async () => {
  const manifests = 'manifests/overlays/embedded'
  cluster = await startCluster({ port: 0, manifests, signal: ending.signal })
  admin = connectKube({ kubeconfigText: cluster.kubeconfig })
  binder = await as(serving, 'bindery-binder')
  deployer = await as(serving, 'bindery-deployer')
  controller = await as('bindery-system', 'bindery-controller')
})

afterAll(async () => {
  ending.abort()
  await cluster?.close()
})

test('an approved plan is applied, applied again unchanged, and removed', async () => {
  const binding = await bound('plain', 'ExternalName')
  const sealed = await seal(binding)
  expect((await previewPlan({ kube: controller }, sealed.plan)).map((one) => one.change)).toEqual([
    'create',
    'create',
  ])
  await grant(binding, sealed.digest)
  await applyPlan(binder, sealed, new Date())
  const alias = await admin.get(Service, { namespace, name: 'plain' })
  expect(alias.spec).toMatchObject({ type: 'ExternalName' })
  const policies = await policiesOf(binding)
  expect(policies).toHaveLength(1)

  await applyPlan(binder, sealed, new Date())
  const again = await admin.get(Service, { namespace, name: 'plain' })
  expect(again.metadata.resourceVersion).toBe(alias.metadata.resourceVersion)
  expect((await previewPlan({ kube: controller }, sealed.plan)).map((one) => one.change)).toEqual([
    'unchanged',
    'unchanged',
  ])

  const current = await admin.get(ModelBinding, { namespace, name: 'plain' })
  await removeTargets(binder, renderUnbindPlan(current, await service(), domain))
  expect(await admin.find(Service, { namespace, name: 'plain' })).toBeUndefined()
  expect(await policiesOf(binding)).toEqual([])
})

test('what nobody approved, what was changed, and what ended applies nothing', async () => {
  const binding = await bound('unapproved', 'ExternalName')
  const sealed = await seal(binding)
  await expect(applyPlan(binder, sealed, new Date())).rejects.toThrow('Nobody has approved')
  await grant(binding, `sha256:${'0'.repeat(64)}`)
  await expect(applyPlan(binder, sealed, new Date())).rejects.toThrow('Nobody has approved')
  const forged = { ...sealed, text: sealed.text.replace('unapproved', 'elsewhere') }
  await expect(applyPlan(binder, forged, new Date())).rejects.toThrow('digest differs')
  expect(await admin.find(Service, { namespace, name: 'unapproved' })).toBeUndefined()
  expect(await policiesOf(binding)).toEqual([])
})

test('an object that is not ours is neither overwritten nor removed', async () => {
  const binding = await bound('taken', 'ExternalName')
  const metadata = { namespace, name: 'taken' }
  const spec = { type: 'ExternalName', externalName: 'example.com' }
  await admin.create(Service, { apiVersion: 'v1', kind: 'Service', metadata, spec })
  const sealed = await seal(binding)
  await grant(binding, sealed.digest)
  const [change] = await previewPlan({ kube: controller }, sealed.plan)
  expect(change).toMatchObject({ change: 'conflict', kind: 'Service' })
  await expect(applyPlan(binder, sealed, new Date())).rejects.toThrow('does not belong')
  expect(await policiesOf(binding), 'nothing is half done').toEqual([])
  const current = await admin.get(ModelBinding, { namespace, name: 'taken' })
  await removeTargets(binder, renderUnbindPlan(current, await service(), domain))
  expect((await admin.get(Service, metadata)).spec.externalName).toBe('example.com')
})

test('the slice of an alias follows the gateway’s ready pods', async () => {
  const binding = await bound('sliced', 'EndpointSlice')
  const sealed = await seal(binding)
  await grant(binding, sealed.digest)
  await applyPlan(binder, sealed, new Date())
  await admin.create(Pod, gatewayPod('gateway-stand-in'))
  const endpoints = await vi.waitFor(
    async () => {
      const labelSelector = 'kubernetes.io/service-name=vibethinker-svc'
      const found = readyEndpoints(
        await admin.list(EndpointSlice, { namespace: serving, labelSelector }),
      )
      expect(found.length).toBeGreaterThan(0)
      return found
    },
    { timeout: 20_000 },
  )
  const current = await admin.get(ModelBinding, { namespace, name: 'sliced' })
  expect(await syncEndpointSlice({ kube: controller }, current, endpoints)).toBe(true)
  expect(await syncEndpointSlice({ kube: controller }, current, endpoints)).toBe(false)
  const slice = await admin.get(EndpointSlice, { namespace, name: 'sliced-bindery' })
  expect(slice.endpoints.map((one) => one.addresses)).toEqual(endpoints.map((one) => one.addresses))
  expect(slice.metadata.labels).toMatchObject({ 'kubernetes.io/service-name': 'sliced' })

  // The binder's own fields are no conflict with the controller's.
  await applyPlan(binder, sealed, new Date())
  expect((await admin.get(EndpointSlice, { namespace, name: 'sliced-bindery' })).endpoints).toEqual(
    slice.endpoints,
  )
})

test('the binder has no rights where there is no binding', async () => {
  const ref = { namespace: 'research-team-b', name: 'any' }
  await expect(binder.find(Service, ref)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(controller.find(Service, ref)).rejects.toMatchObject({ code: 'forbidden' })
})

test('an engine is started by digest; what is no engine is not taken over', async () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const engine = { namespace: serving, reference: `localhost/x@${digest}`, command: [], gpus: 0 }
  await deployEngine(deployer, { ...engine, name: 'vibethinker-app' })
  const deployment = await admin.get(Deployment, { namespace: serving, name: 'vibethinker-app' })
  expect(JSON.stringify(deployment.spec.template)).toContain(digest)
  await expect(deployEngine(deployer, { ...engine, name: 'bindery-gateway' })).rejects.toThrow(
    'is no engine',
  )
  const reasons: string[] = []
  const waiting = waitForEngine(
    deployer,
    { namespace: serving, name: 'vibethinker-app' },
    { image: 'localhost/x', tag: 'v1', digest },
    { seconds: 3, signal: ending.signal, onReason: (reason) => reasons.push(reason) },
  )
  await expect(waiting).rejects.toMatchObject({ code: 'timeout' })
  expect(reasons.join()).toMatch(/ErrImagePull|ImagePullBackOff/)
})

async function bound(alias: string, strategy: Strategy): Promise<ModelBinding> {
  const sample = sampleBinding({ alias, strategy })
  const binding = await admin.create(ModelBinding, {
    ...sample,
    metadata: { namespace, name: alias },
  })
  for (const holder of ['binder', 'controller'] as const) {
    const account =
      holder === 'binder'
        ? { namespace: serving, name: 'bindery-binder' }
        : { namespace: 'bindery-system', name: 'bindery-controller' }
    // As the controller itself gives them: the escalation check lets it, by the verb bind.
    await controller.create(RoleBinding, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { namespace, name: rightsName(binding, holder) },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: tenantBinderRole,
      },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    })
  }
  return binding
}

function service(): Promise<ModelService> {
  return admin.get(ModelService, { namespace: serving, name: 'vibethinker' })
}

async function seal(binding: ModelBinding) {
  const plan = renderPlan(binding, await service(), domain)
  return { plan, ...sealText(plan), binding: `${namespace}/${binding.metadata.name}` }
}

async function grant(binding: ModelBinding, digest: string): Promise<void> {
  const { name } = binding.metadata
  const current = await admin.get(ModelBinding, { namespace, name })
  const seal = { generation: 1, run: 'x', digest, changes: [], previewedAt: '2026-11-24T08:00:00Z' }
  const sealed = { ...current, status: { ...current.status, seal } }
  const status = statusAfter(sealed, { step: 'record-grant', approvers: ['grace'] }, new Date())
  await controller.replaceStatus(ModelBinding, { ...current, status })
}

async function policiesOf(binding: ModelBinding): Promise<string[]> {
  const labelSelector = `bindery.dev/binding-uid=${binding.metadata.uid}`
  const found = await admin.list(NetworkPolicy, { namespace: serving, labelSelector })
  return found.map((one) => one.metadata.name)
}

function gatewayPod(name: string): Pod {
  const metadata = {
    namespace: serving,
    name,
    labels: { 'app.kubernetes.io/name': 'bindery-gateway' },
  }
  const container = { name: 'sh', image: 'localhost/busybox:1', command: ['sleep', '600'] }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container] } }
}

async function as(at: string, account: string): Promise<Kube> {
  const token = await cluster.issueToken(at, account)
  const kubeconfig = parse(cluster.kubeconfig)
  for (const user of kubeconfig.users) user.user = { token }
  return connectKube({ kubeconfigText: stringify(kubeconfig) })
}
