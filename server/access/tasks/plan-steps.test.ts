import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { previewPlan } from '#server/access/machine/preview-plan.ts'
import { policyName } from '#server/access/model/binding-names.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { ownLabels, renderUnbindPlan } from '#server/access/model/render-plan.ts'
import { confirmDrift } from '#server/access/reconciler/detect-drift.ts'
import { busyboxImage } from '#server/lab/cluster/images/image-table.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { ConfigMap, Deployment, NetworkPolicy, Pod, Service } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'
import { deployEngine } from '#server/serving/tasks/deploy-engine.ts'
import { waitForEngine } from '#server/serving/tasks/wait-for-service.ts'
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
import { tryFromTenant } from './try-from-tenant.ts'

type Cluster = Awaited<ReturnType<typeof startCluster>>

const admissionKind = (kind: string, plural: string): Kind<KubeObject & { spec: object }> => ({
  ...{ group: 'admissionregistration.k8s.io', version: 'v1', kind, plural, namespaced: false },
})
const policies = admissionKind('ValidatingAdmissionPolicy', 'validatingadmissionpolicies')

const ending = new AbortController()
let cluster: Cluster
let admin: Kube
let binder: Kube
let controller: Kube
let deployer: Kube

const { bound, service, seal, grant } = planScene(
  () => admin,
  () => controller,
)

beforeAll(async () => {
  const manifests = 'manifests/overlays/embedded'
  // In the place of our image: a try that fails, with its reason.
  const fails = ['sh', '-c', 'echo "✗ Gave up: its port does not answer" >&2; exit 1']
  const user = { uid: 1000, gid: 1000 }
  const images = { 'localhost/fails:1': { ...busyboxImage(), user, entrypoint: fails } }
  cluster = await startCluster({ port: 0, manifests, images, signal: ending.signal })
  admin = connectKube({ kubeconfigText: cluster.kubeconfig })
  binder = await clientOf(cluster, serving, 'bindery-binder')
  deployer = await clientOf(cluster, serving, 'bindery-deployer')
  controller = await clientOf(cluster, 'bindery-system', 'bindery-controller')
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

test('what is ours and was changed is put back by force; what is foreign is left alone', async () => {
  const binding = await bound('mended', 'ExternalName')
  const sealed = await seal(binding)
  await grant(binding, sealed.digest)
  await applyPlan(binder, sealed, new Date())
  const alias = { namespace, name: 'mended' }
  const policy = { namespace: serving, name: policyName(binding) }
  const drift = async () =>
    (await confirmDrift({ kube: controller }, sealed.plan, sealed.plan.apply)).map(
      ({ change, kind, fields }) => `${change} ${kind} ${fields.map(({ path }) => path)}`,
    )
  expect(await drift()).toEqual([])

  await admin.patch(Service, alias, { spec: { externalName: 'evil.example.com' } })
  // Opened for everybody, and its label taken off so that nobody finds it.
  await admin.patch(NetworkPolicy, policy, {
    metadata: { labels: { 'bindery.dev/binding-uid': null } },
    spec: { ingress: [{}] },
  })
  expect(await drift()).toEqual([
    'update Service spec.externalName',
    expect.stringMatching(/^update NetworkPolicy .*metadata.labels.*spec.ingress/),
  ])
  await expect(applyPlan(binder, sealed, new Date())).rejects.toMatchObject({ code: 'conflict' })
  await applyPlan(binder, { ...sealed, repair: true }, new Date())
  expect(await drift()).toEqual([])

  await admin.remove(Service, alias)
  const spec = { type: 'ExternalName', externalName: 'theirs.example.com' }
  await admin.create(Service, { apiVersion: 'v1', kind: 'Service', metadata: alias, spec })
  await admin.remove(NetworkPolicy, policy)
  expect(await drift()).toEqual([
    'conflict Service ',
    expect.stringMatching(/^create NetworkPolicy /),
  ])
  await applyPlan(binder, { ...sealed, repair: true }, new Date())
  expect((await admin.get(Service, alias)).spec.externalName).toBe('theirs.example.com')
  expect(await drift()).toEqual(['conflict Service '])
})

test('where a pod cannot try the access from the tenant’s side, that is said and not claimed', async () => {
  const binding = await bound('untried', 'ExternalName')
  const { plan } = await seal(binding)
  const asked = { expect: 'access' as const, address: 'http://untried:8080', model: 'm' }
  const probe = { namespace, name: 'bindery-probe' }
  const tried = (at = plan) =>
    tryFromTenant(binder, at, { ...asked, servingNamespace: serving }, ending.signal)
  // This cluster knows no image of ours. What an earlier run left under the name is taken away first.
  await admin.create(Pod, {
    ...gatewayPod(probe.name),
    metadata: { ...probe, labels: ownLabels(binding) },
  })
  expect(await tried()).toMatchObject({
    check: 'from-tenant',
    skipped: true,
    saw: expect.stringMatching(/^Not tried from research-team-a: its pod waits: ImagePullBackOff/),
  })
  await vi.waitFor(async () => expect(await admin.find(Pod, probe)).toBeUndefined(), 30_000)

  // One that runs and gets no answer is no skipped check: the run fails with it.
  const images = { namespace: serving, name: 'bindery-probe' }
  await admin.patch(ConfigMap, images, { data: { image: 'localhost/fails:1' } })
  await admin.patch(policies, { name: 'bindery-probe' }, imageOfPolicy('localhost/fails:1'), {
    type: 'json',
  })
  await expect(tried()).rejects.toThrow(
    'Tried from a pod in research-team-a: ✗ Gave up: its port does not answer',
  )
  await vi.waitFor(async () => expect(await admin.find(Pod, probe)).toBeUndefined(), 30_000)

  await forbidPods('Pods of this team are mined, not made.')
  expect(await tried()).toMatchObject({ skipped: true, saw: expect.stringMatching(/are mined/) })
  const elsewhere = { ...plan, binding: { ...plan.binding, namespace: 'research-team-b' } }
  expect((await tried(elsewhere)).saw).toMatch(/^Not tried from research-team-b: .*cannot get/)
  const nobodys = await clientOf(cluster, serving, 'bindery-gateway')
  await expect(
    tryFromTenant(nobodys, plan, { ...asked, servingNamespace: serving }, ending.signal),
  ).rejects.toMatchObject({ code: 'forbidden' })
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
  // What a cluster's nodes ask for besides is its administrators' to add, once.
  const nodes = {
    nodeSelector: { card: 'rtx-3090' },
    runtimeClassName: 'nvidia',
    tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
  }
  const ref = { namespace: serving, name: 'vibethinker-app' }
  await admin.patch(Deployment, ref, { spec: { template: { spec: nodes } } })
  await deployEngine(deployer, { ...engine, name: 'vibethinker-app', command: ['vllm', 'serve'] })
  const { spec } = await admin.get(Deployment, ref)
  expect(spec).toMatchObject({
    template: { spec: { ...nodes, containers: [{ command: ['vllm', 'serve'] }] } },
  })
  await admin.patch(Deployment, ref, {
    spec: { template: { spec: { nodeSelector: null } } },
  })
  await expect(deployEngine(deployer, { ...engine, name: 'bindery-gateway' })).rejects.toThrow(
    'is no engine',
  )
  const reasons: string[] = []
  const waiting = waitForEngine(deployer, { namespace: serving, name: 'vibethinker-app' }, digest, {
    seconds: 3,
    signal: ending.signal,
    onReason: (reason) => reasons.push(reason),
  })
  await expect(waiting).rejects.toMatchObject({ code: 'timeout' })
  expect(reasons.join()).toMatch(/ErrImagePull|ImagePullBackOff/)
})

function imageOfPolicy(image: string): object[] {
  return [{ op: 'replace', path: '/spec/variables/0/expression', value: `'${image}'` }]
}

/** A namespace whose owners let no such pod be. */
async function forbidPods(message: string): Promise<void> {
  const name = 'no-pods'
  const apiVersion = 'admissionregistration.k8s.io/v1'
  const pods = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }
  const expression = `request.namespace != '${namespace}'`
  await admin.create(policies, {
    ...{ apiVersion, kind: policies.kind, metadata: { name } },
    spec: {
      matchConstraints: { resourceRules: [pods] },
      validations: [{ expression, message }],
    },
  })
  const binding = admissionKind(
    'ValidatingAdmissionPolicyBinding',
    'validatingadmissionpolicybindings',
  )
  await admin.create(binding, {
    ...{ apiVersion, kind: binding.kind, metadata: { name } },
    spec: { policyName: name, validationActions: ['Deny'] },
  })
}

async function policiesOf(binding: ModelBinding): Promise<string[]> {
  const labelSelector = `bindery.dev/binding-uid=${binding.metadata.uid}`
  const found = await admin.list(NetworkPolicy, { namespace: serving, labelSelector })
  return found.map((one) => one.metadata.name)
}
