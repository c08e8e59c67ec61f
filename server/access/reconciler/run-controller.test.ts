import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { letGoMs } from '#server/access/machine/end-steps.ts'
import { policyName, unbindRunName } from '#server/access/model/binding-names.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { ownLabels } from '#server/access/model/render-plan.ts'
import type { getBinding } from '#server/access/verbs/get-binding.ts'
import { requestBinding } from '#server/access/verbs/request-binding.ts'
import { retryBinding } from '#server/access/verbs/retry-binding.ts'
import { revokeBinding } from '#server/access/verbs/revoke-binding.ts'
import {
  EndpointSlice,
  Lease,
  Namespace,
  NetworkPolicy,
  Service,
} from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { annotations, bindingFinalizer, gatewayPorts } from '#server/platform/model/names.ts'
import { runResult } from '#server/runs/model/run-result.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { ModelService, networkCondition } from '#server/serving/model/model-service.ts'
import { controllerScene, serving } from '#server/testing/access/controller-fixture.ts'

const scene = controllerScene()
const {
  admin,
  wish,
  ref,
  person,
  decide,
  approve,
  until,
  gone,
  policiesOf,
  shortTasks,
  startController,
} = scene
let stopController: () => Promise<void>

beforeAll(async () => {
  stopController = await startController()
})

afterAll(() => stopController?.())

test('a failed run is retried without a new decision', async () => {
  await requestBinding(person('ada', 'research-team-a'), wish('fails'))
  await until('fails', (view) => view.state === 'requested')
  await shortTasks('exit 3')
  await approve('fails')
  const failed = await until('fails', (view) => view.state === 'failed')
  expect(conditionOf(failed.conditions, 'Provisioned')?.message).toContain('Step probe')
  await shortTasks()
  const requestId = 'the-number-of-the-retry'
  await retryBinding({ ...person('henry', 'bindery-admins'), requestId }, ref('fails'))
  const ready = await until('fails', (view) => view.state === 'ready')
  expect(ready.run?.name).toMatch(/-1-1$/)
  const run = await admin().get(TaskRun, { namespace: serving, name: ready.run?.name ?? '' })
  expect(run.metadata.annotations).toMatchObject({
    [annotations.startedBy]: 'henry',
    [annotations.requestId]: requestId,
  })
})

test('an end that fails is tried again at once where somebody asks, in their name', async () => {
  const henry = { ...person('henry', 'bindery-admins'), requestId: 'the-number-of-the-retry' }
  const { uid } = await until('fails', (view) => view.state === 'ready')
  await shortTasks('', 'exit 3')
  await revokeBinding(person('grace', 'bindery-admins'), { ...ref('fails'), comment: '' })
  await expect(retryBinding(person('bo', 'research-team-b'), ref('fails'))).rejects.toThrow()
  const asked = await vi.waitFor(() => retryBinding(henry, ref('fails')), { timeout: 40_000 })
  expect(asked.end?.failure?.message).toContain('Step remove-plan')
  expect(asked.run?.name).toBe(
    unbindRunName({ metadata: { ...ref('fails'), uid } }, 1, asked.end!.attempt!),
  )
  await shortTasks()
  await vi.waitFor(
    async () => {
      const { end } = (await admin().get(ModelBinding, ref('fails'))).status ?? {}
      if (!end?.provenAt) await retryBinding(henry, ref('fails')).catch(() => {})
      expect(end?.provenAt).toBeDefined()
    },
    { timeout: 40_000 },
  )
  const run = await admin().get(TaskRun, { namespace: serving, name: asked.run?.name ?? '' })
  expect(run.metadata.annotations).toMatchObject({
    [annotations.startedBy]: 'henry',
    [annotations.requestId]: 'the-number-of-the-retry',
  })
})

test('a controller that dies between approval and run is followed by one that goes on', async () => {
  await requestBinding(person('ada', 'research-team-a'), wish('handover'))
  await until('handover', (view) => view.state === 'requested')
  await stopController()
  expect(
    (await admin().get(Lease, { namespace: 'bindery-system', name: 'bindery-controller' })).spec
      .holderIdentity,
  ).toBe('')
  await approve('handover')
  stopController = await startController()
  await until('handover', (view) => view.state === 'ready')
  const binding = await admin().get(ModelBinding, ref('handover'))
  expect(binding.metadata.finalizers).toContain(bindingFinalizer)
})

test('who comes in the way of a sealed plan is named while it is open, and nothing is approved over them', async () => {
  const namespace = 'research-team-a'
  const conflictOf = (view: Awaited<ReturnType<typeof getBinding>>) =>
    view.seal?.changes.find(({ change }) => change === 'conflict')?.name
  const foreign = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name: 'overtaken' },
    spec: { type: 'ExternalName', externalName: 'example.com' },
  }
  await requestBinding(person('ada', namespace), wish('overtaken'))
  const sealed = await until('overtaken', (view) => view.state === 'requested')
  expect(conflictOf(sealed)).toBeUndefined()

  // Also in the moment before the page knows, as with no controller about.
  await stopController()
  await admin().create(Service, foreign)
  const refused = { code: 'conflict', details: { values: { kind: 'Service', name: 'overtaken' } } }
  await expect(approve('overtaken')).rejects.toMatchObject(refused)
  stopController = await startController()
  const told = await until('overtaken', (view) => conflictOf(view) === 'overtaken')
  expect(told.seal?.digest, 'the plan is the same').toBe(sealed.seal?.digest)
  await admin().remove(Service, foreign.metadata)
  await until('overtaken', (view) => conflictOf(view) === undefined)
  await admin().create(Service, foreign)
  await until('overtaken', (view) => conflictOf(view) === 'overtaken')
  await expect(approve('overtaken')).rejects.toMatchObject(refused)
  await admin().remove(Service, foreign.metadata)
  await until('overtaken', (view) => conflictOf(view) === undefined)
  await approve('overtaken')
  await until('overtaken', (view) => view.state === 'ready')

  // What the web may not read is found by the controller, before anything is granted.
  await requestBinding(person('ada', namespace), { ...wish('sliced'), strategy: 'EndpointSlice' })
  await until('sliced', (view) => view.state === 'requested')
  await admin().create(EndpointSlice, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name: 'sliced-bindery' },
    addressType: 'IPv4',
    endpoints: [],
    ports: [],
  })
  await approve('sliced')
  const held = await until('sliced', (view) => conflictOf(view) === 'sliced-bindery')
  expect(held).toMatchObject({ state: 'requested', granted: undefined, approval: { missing: 0 } })
  await admin().remove(EndpointSlice, { namespace, name: 'sliced-bindery' })
  for (const name of ['overtaken', 'sliced']) {
    await admin().remove(ModelBinding, ref(name))
    await gone(ModelBinding, namespace, name)
  }
})

test('a binding whose namespace goes away lets it go', async () => {
  const namespace = 'short-lived'
  await admin().create(Namespace, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  const late = person('late', 'bindery-admins')
  await requestBinding(late, { ...wish('passing'), namespace })
  const at = { namespace, name: 'passing' }
  await until('passing', (view) => view.state === 'requested', namespace)
  await decide('passing', 'approve', '', at)
  await until('passing', (view) => view.state === 'ready', namespace)
  // It begins to go between the look at it and the write: refused in the same words as afterwards.
  const kube: Kube = {
    ...late.kube,
    create: async (kind, object, options) => {
      await admin().remove(Namespace, { name: namespace })
      return late.kube.create(kind, object, options)
    },
  }
  const another = { ...wish('another'), namespace }
  await expect(requestBinding({ ...late, kube }, another)).rejects.toMatchObject({
    code: 'conflict',
    details: { key: 'binding.namespaceTerminating', fields: [{ field: 'namespace' }] },
  })
  await vi.waitFor(
    async () => expect(await admin().find(Namespace, { name: namespace })).toBeUndefined(),
    { timeout: 30_000 },
  )
  expect(await policiesOf(namespace)).toEqual([])
})

test('a binding is not Ready any more as soon as its namespace says that it goes', async () => {
  const namespace = 'on-its-way'
  const metadata = { name: namespace }
  await admin().create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata })
  await requestBinding(person('late', 'bindery-admins'), { ...wish('told'), namespace })
  const at = { namespace, name: 'told' }
  await until('told', (view) => view.state === 'requested', namespace)
  await decide('told', 'approve', '', at)
  await until('told', (view) => view.state === 'ready', namespace)
  // A real namespace controller comes to our bindings some ten seconds after the phase has changed.
  const going = { status: { phase: 'Terminating' } }
  await admin().patch(Namespace, { name: namespace }, going, { subresource: 'status' })
  const ready = async () => {
    const { status } = await admin().get(ModelBinding, at)
    return conditionOf(status?.conditions, 'Ready')
  }
  await expect
    .poll(ready, { timeout: 5_000 })
    .toMatchObject({ status: 'False', reason: 'NamespaceTerminating' })
})

test('a namespace is let go although nothing can be proven, and its policy is swept once it can', async () => {
  const namespace = 'let-go'
  const metadata = { name: namespace }
  await admin().create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata })
  await requestBinding(person('late', 'bindery-admins'), { ...wish('stuck'), namespace })
  const at = { namespace, name: 'stuck' }
  await until('stuck', (view) => view.state === 'requested', namespace)
  await decide('stuck', 'approve', '', at)
  const { uid } = await until('stuck', (view) => view.state === 'ready', namespace)
  const policy = { namespace: serving, name: policyName({ metadata: { ...at, uid } }) }
  await admin().create(NetworkPolicy, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      ...policy,
      labels: ownLabels({ metadata: { ...at, uid } }),
    },
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  })

  await shortTasks('', 'exit 3')
  await admin().remove(Namespace, metadata)
  await vi.waitFor(
    async () => {
      const binding = await admin().get(ModelBinding, at)
      expect(binding.status?.end?.attempt).toBe(2)
    },
    { timeout: 30_000 },
  )
  // A controller that was away comes back when the namespace has waited for long enough.
  await stopController()
  stopController = await startController({ aheadMs: letGoMs })
  await vi.waitFor(async () => expect(await admin().find(Namespace, metadata)).toBeUndefined(), {
    timeout: 30_000,
  })
  await stopController()
  await shortTasks()
  const sweeps = () =>
    admin().list(TaskRun, {
      namespace: serving,
      labelSelector: `bindery.dev/binding-uid=${uid},bindery.dev/intent=unbind`,
    })
  stopController = await startController({ aheadMs: letGoMs })
  await vi.waitFor(
    async () => {
      const swept = (await sweeps()).filter(({ metadata }) => metadata.name.includes('-0-'))
      expect(swept.map((run) => runResult(run).state)).toContain('succeeded')
    },
    { timeout: 30_000 },
  )
  await admin().remove(NetworkPolicy, policy)
  await stopController()
  stopController = await startController()
})

test('the model service says why it is not ready', async () => {
  await vi.waitFor(async () => {
    const service = await admin().get(ModelService, { namespace: serving, name: 'vibethinker' })
    expect(conditionOf(service.status?.conditions, 'Ready')?.reason).toBe('EngineNotReady')
  }, 30_000)
})

test('a network that lets through what a policy forbids is told of on the model service', async () => {
  // This controller runs beside the cluster, where no policy is asked: so both ports answer it.
  const address = '127.77.0.9'
  for (const port of Object.values(gatewayPorts)) {
    const server = createServer((_, response) => response.end()).listen(port, address)
    await once(server, 'listening')
    onTestFinished(() => void server.close())
  }
  const ref = { namespace: serving, name: 'gateway-beside' }
  await admin().create(EndpointSlice, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...ref, labels: { 'kubernetes.io/service-name': 'vibethinker-svc' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'http', port: gatewayPorts.serving, protocol: 'TCP' }],
  })
  await vi.waitFor(
    async () => {
      const service = await admin().get(ModelService, { namespace: serving, name: 'vibethinker' })
      expect(conditionOf(service.status?.conditions, networkCondition)).toMatchObject({
        status: 'False',
        reason: 'PoliciesIgnored',
      })
    },
    { timeout: 40_000 },
  )
  await admin().remove(EndpointSlice, ref)
})

test('with the serving namespace gone, bindings and tenants’ namespaces still go', async () => {
  await requestBinding(person('ada', 'research-team-a'), wish('last'))
  await until('last', (view) => view.state === 'requested')
  await approve('last')
  await until('last', (view) => view.state === 'ready')
  await admin().remove(Namespace, { name: serving })
  await vi.waitFor(
    async () => expect(await admin().find(Namespace, { name: serving })).toBeUndefined(),
    { timeout: 30_000 },
  )
  await admin().remove(ModelBinding, ref('last'))
  await gone(ModelBinding, 'research-team-a', 'last')
  await admin().remove(Namespace, { name: 'research-team-a' })
  await vi.waitFor(
    async () => expect(await admin().find(Namespace, { name: 'research-team-a' })).toBeUndefined(),
    { timeout: 30_000 },
  )
})
