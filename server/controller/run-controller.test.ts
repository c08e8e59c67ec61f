import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { busyboxImage } from '#server/devcluster/images/image-table.ts'
import { startCluster } from '#server/devcluster/start-cluster.ts'
import { conditionOf, type Kind, type KubeObject } from '#server/domain/kubernetes.ts'
import { ModelBinding } from '#server/domain/model-binding.ts'
import { ModelService } from '#server/domain/model-service.ts'
import { bindingFinalizer } from '#server/domain/names.ts'
import { sampleBinding } from '#server/domain/sample-objects.ts'
import { Task, TaskRun } from '#server/domain/task-run.ts'
import { connectKube } from '#server/kube/connect-kube.ts'
import { Lease, Namespace, NetworkPolicy, RoleBinding, Service } from '#server/kube/kinds.ts'
import type { Kube } from '#server/kube/kube.ts'
import { createLog } from '#server/log.ts'
import type { BindingContext } from '#server/usecases/binding-access.ts'
import { changeBinding } from '#server/usecases/change-binding.ts'
import { decideBinding } from '#server/usecases/decide-binding.ts'
import { deleteBinding } from '#server/usecases/delete-binding.ts'
import { getBinding } from '#server/usecases/get-binding.ts'
import { listBindings } from '#server/usecases/list-bindings.ts'
import { releaseBinding } from '#server/usecases/release-binding.ts'
import { requestBinding } from '#server/usecases/request-binding.ts'
import { retryBinding } from '#server/usecases/retry-binding.ts'
import { revokeBinding } from '#server/usecases/revoke-binding.ts'
import { controllerMetrics } from './controller-metrics.ts'
import { runController } from './run-controller.ts'

type Cluster = Awaited<ReturnType<typeof startCluster>>

const serving = 'model-serving-prod'
const log = createLog('test', 'error')
const ending = new AbortController()
let cluster: Cluster
let admin: Kube
let web: Kube
let stopController: () => Promise<void>

beforeAll(async () => {
  cluster = await startCluster({
    port: 0,
    manifests: 'manifests/overlays/embedded',
    images: { 'localhost/busybox:1': busyboxImage() },
    signal: ending.signal,
  })
  admin = connectKube({ kubeconfigText: cluster.kubeconfig })
  web = await as('bindery-system', 'bindery-web')
  await shortTasks()
  stopController = await startController()
})

afterAll(async () => {
  await stopController?.()
  ending.abort()
  await cluster?.close()
})

test('asked, approved, carried out, given back; nothing is left', async () => {
  const asked = await requestBinding(person('ada', 'research-team-a'), wish('story'))
  expect(asked).toMatchObject({ requestedBy: 'ada', state: 'preparing', name: 'story' })

  const sealed = await until('story', (view) => view.state === 'requested')
  expect(sealed.seal?.changes.map((one) => `${one.change} ${one.kind}`)).toEqual([
    'create Service',
    'create NetworkPolicy',
  ])
  expect(sealed.can).toContain('decide')
  const run = await admin.get(TaskRun, { namespace: serving, name: sealed.seal?.run ?? '' })
  expect(run.spec.status).toBe('TaskRunPending')
  expect(await admin.find(Service, { namespace: 'research-team-a', name: 'story' })).toBeUndefined()

  await approve('story')
  const ready = await until('story', (view) => view.state === 'ready')
  expect(ready.receipt).toMatchObject({ model: 'test-model' })
  expect(ready.granted).toMatchObject({ approvedBy: ['grace'], usableSince: expect.any(String) })

  const ada = person('ada', 'research-team-a')
  await releaseBinding(ada, { namespace: 'research-team-a', name: 'story', comment: 'Done.' })
  const ended = await until('story', (view) => view.state === 'ended')
  expect(ended.end).toMatchObject({ reason: 'Released', by: 'ada', provenAt: expect.any(String) })
  expect(await rightsLeft('research-team-a', ended.uid)).toEqual([])

  await deleteBinding(ada, { namespace: 'research-team-a', name: 'story' })
  await gone(ModelBinding, 'research-team-a', 'story')
})

test('a denied request leaves no run; changed, it is asked anew', async () => {
  const ada = person('ada', 'research-team-a')
  await requestBinding(ada, wish('denied'))
  const sealed = await until('denied', (view) => view.state === 'requested')
  await decide('denied', 'deny', 'Take less, please.')
  await until('denied', (view) => view.state === 'denied')
  await gone(TaskRun, serving, sealed.seal?.run ?? '')

  const { generation } = await getBinding(ada, ref('denied'))
  await changeBinding(ada, { ...ref('denied'), generation, durationDays: 2 })
  const again = await until('denied', (view) => view.state === 'requested')
  expect(again.seal?.digest).not.toBe(sealed.seal?.digest)
  await deleteBinding(ada, ref('denied'))
  await gone(ModelBinding, 'research-team-a', 'denied')
})

test('people may do what RBAC lets them, and nobody approves alone', async () => {
  await requestBinding(person('ada', 'research-team-a'), wish('rights'))
  const sealed = await until('rights', (view) => view.state === 'requested')
  const bo = person('bo', 'research-team-b')
  const refused = { code: 'forbidden' }
  await expect(getBinding(bo, ref('rights'))).rejects.toMatchObject(refused)
  await expect(getBinding(bo, ref('not-there'))).rejects.toMatchObject(refused)
  await expect(requestBinding(bo, wish('theirs'))).rejects.toMatchObject(refused)
  await expect(revokeBinding(bo, { ...ref('rights'), comment: '' })).rejects.toMatchObject(refused)
  expect((await listBindings(bo)).filter((one) => one.namespace === 'research-team-a')).toEqual([])

  const decision = { decision: 'approve' as const, digest: sealed.seal?.digest ?? '', comment: '' }
  const ada = person('ada', 'bindery-admins')
  const generation = sealed.generation
  await expect(
    decideBinding(ada, { ...ref('rights'), ...decision, generation }),
  ).rejects.toMatchObject({ code: 'forbidden', details: { key: 'binding.selfApproval' } })
  await approve('rights')
  const henry = person('henry', 'bindery-admins')
  await expect(
    decideBinding(henry, { ...ref('rights'), ...decision, generation }),
  ).rejects.toMatchObject({ code: 'conflict', details: { values: { by: 'grace' } } })

  await until('rights', (view) => view.state === 'ready')
  await revokeBinding(person('grace', 'bindery-admins'), { ...ref('rights'), comment: 'Misuse.' })
  const ended = await until('rights', (view) => view.state === 'ended')
  expect(ended.end).toMatchObject({ reason: 'Revoked', by: 'grace', comment: 'Misuse.' })
})

test('an alias that somebody else made is named, at once and in the plan', async () => {
  const namespace = 'research-team-a'
  const foreign = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name: 'foreign' },
    spec: { type: 'ExternalName', externalName: 'example.com' },
  }
  await admin.create(Service, foreign)
  await expect(requestBinding(person('ada', namespace), wish('foreign'))).rejects.toMatchObject({
    code: 'conflict',
    details: { fields: [{ field: 'alias' }] },
  })

  const sample = sampleBinding({ alias: 'foreign' })
  await admin.create(ModelBinding, { ...sample, metadata: { namespace, name: 'foreign' } })
  const sealed = await until('foreign', (view) => view.state === 'requested')
  expect(sealed.seal?.changes[0]).toMatchObject({ change: 'conflict', kind: 'Service' })
  await expect(decide('foreign', 'approve')).rejects.toMatchObject({
    code: 'conflict',
    details: { key: 'binding.planConflict' },
  })
  await admin.remove(ModelBinding, ref('foreign'))
  await gone(ModelBinding, namespace, 'foreign')
})

test('bad wishes are refused with the field that is wrong', async () => {
  const ada = person('ada', 'research-team-a')
  await expect(requestBinding(ada, { ...wish('much'), durationDays: 1000 })).rejects.toMatchObject({
    code: 'unprocessable',
    details: { fields: [{ field: 'durationDays' }] },
  })
  const nowhere = { ...wish('x'), modelService: { namespace: serving, name: 'no' } }
  await expect(requestBinding(ada, nowhere)).rejects.toMatchObject({ code: 'not-found' })
  const late = person('late', 'bindery-admins')
  await expect(
    requestBinding(late, { ...wish('x'), namespace: 'not-there' }),
  ).rejects.toMatchObject({ code: 'not-found', details: { key: 'binding.noNamespace' } })
})

test('a failed run is retried without a new decision', async () => {
  await requestBinding(person('ada', 'research-team-a'), wish('fails'))
  await until('fails', (view) => view.state === 'requested')
  await shortTasks('exit 3')
  await approve('fails')
  const failed = await until('fails', (view) => view.state === 'failed')
  expect(conditionOf(failed.conditions, 'Provisioned')?.message).toContain('Step probe')
  await shortTasks()
  await retryBinding(person('grace', 'bindery-admins'), ref('fails'))
  const ready = await until('fails', (view) => view.state === 'ready')
  expect(ready.run?.name).toMatch(/-1-1$/)
})

test('a controller that dies between approval and run is followed by one that goes on', async () => {
  await requestBinding(person('ada', 'research-team-a'), wish('handover'))
  await until('handover', (view) => view.state === 'requested')
  await stopController()
  expect(
    (await admin.get(Lease, { namespace: 'bindery-system', name: 'bindery-controller' })).spec
      .holderIdentity,
  ).toBe('')
  await approve('handover')
  stopController = await startController()
  await until('handover', (view) => view.state === 'ready')
  const binding = await admin.get(ModelBinding, ref('handover'))
  expect(binding.metadata.finalizers).toContain(bindingFinalizer)
})

test('a binding whose namespace goes away lets it go', async () => {
  const namespace = 'short-lived'
  await admin.create(Namespace, {
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
  await admin.remove(Namespace, { name: namespace })
  await vi.waitFor(
    async () => expect(await admin.find(Namespace, { name: namespace })).toBeUndefined(),
    { timeout: 20_000 },
  )
  expect(await policiesOf(namespace)).toEqual([])
})

test('the model service says why it is not ready', async () => {
  await vi.waitFor(async () => {
    const service = await admin.get(ModelService, { namespace: serving, name: 'vibethinker' })
    expect(conditionOf(service.status?.conditions, 'Ready')?.reason).toBe('EngineNotReady')
  })
})

function wish(alias: string) {
  const { durationDays, justification, modelService, purpose, quota, strategy } =
    sampleBinding().spec
  const rest = { durationDays, justification, modelService, purpose, quota, strategy }
  return { namespace: 'research-team-a', alias, ...rest }
}

function ref(name: string) {
  return { namespace: 'research-team-a', name }
}

/** A person as the web would speak for them: every right comes from a SubjectAccessReview. */
function person(user: string, ...groups: string[]): BindingContext {
  const all = [...groups, 'system:authenticated']
  const may: BindingContext['may'] = ({ resource, ...access }) => {
    const [plural = '', ...group] = resource.split('.')
    return web.mayAccess({ user, groups: all, group: group.join('.'), resource: plural, ...access })
  }
  return {
    actor: { type: 'person', user, name: user, groups: all },
    kube: web,
    log,
    now: () => new Date(),
    signal: ending.signal,
    servingNamespace: serving,
    note() {},
    may,
    authorize: async (access) => {
      if (!(await may(access))) throw Object.assign(new Error('forbidden'), { code: 'forbidden' })
    },
  }
}

async function decide(name: string, decision: 'approve' | 'deny', comment = '', at = ref(name)) {
  const grace = person('grace', 'bindery-admins')
  const { seal, generation } = await getBinding(grace, at)
  const digest = seal?.digest ?? ''
  return decideBinding(grace, { ...at, decision, digest, generation, comment })
}

function approve(name: string) {
  return decide(name, 'approve')
}

function until(
  name: string,
  holds: (view: Awaited<ReturnType<typeof getBinding>>) => boolean,
  namespace = 'research-team-a',
) {
  const grace = person('grace', 'bindery-admins')
  return vi.waitFor(
    async () => {
      const view = await getBinding(grace, { namespace, name })
      if (!holds(view)) throw new Error(`${view.state} ${JSON.stringify(view.conditions)}`)
      return view
    },
    { timeout: 20_000, interval: 50 },
  )
}

async function gone<T extends KubeObject>(kind: Kind<T>, namespace: string, name: string) {
  await vi.waitFor(
    async () => expect(await admin.find(kind, { namespace, name })).toBeUndefined(),
    { timeout: 20_000 },
  )
}

async function rightsLeft(namespace: string, uid: string): Promise<string[]> {
  const labelSelector = `bindery.dev/binding-uid=${uid}`
  const found = await admin.list(RoleBinding, { namespace, labelSelector })
  return found.map((one) => one.metadata.name)
}

async function policiesOf(namespace: string): Promise<string[]> {
  const labelSelector = `bindery.dev/binding-namespace=${namespace}`
  const found = await admin.list(NetworkPolicy, { namespace: serving, labelSelector })
  return found.map((one) => one.metadata.name)
}

/** The same Tasks with steps that need no image of ours: what they do is tested beside them. */
async function shortTasks(probe = '') {
  const receipt = {
    at: '2026-11-24T08:00:00Z',
    address: 'http://x:1',
    model: 'test-model',
    firstTokenMs: 1,
  }
  const script = probe || `printf '%s' '${JSON.stringify(receipt)}' > $(results.receipt.path)`
  const scripts: Record<string, Record<string, string>> = {
    'bind-namespace': { 'apply-plan': 'echo applied', probe: script },
    'unbind-namespace': { 'remove-plan': 'echo removed', 'prove-gone': 'echo gone' },
  }
  for (const [name, steps] of Object.entries(scripts)) {
    const task = await admin.get(Task, { namespace: serving, name })
    await admin.replace(Task, {
      ...task,
      spec: {
        ...task.spec,
        steps: Object.entries(steps).map(([step, text]) => ({
          name: step,
          image: 'localhost/busybox:1',
          script: `#!/bin/sh\n${text}\n`,
        })),
      },
    })
  }
}

async function as(namespace: string, name: string): Promise<Kube> {
  const token = await cluster.issueToken(namespace, name)
  const kubeconfig = parse(cluster.kubeconfig)
  for (const user of kubeconfig.users) user.user = { token }
  return connectKube({ kubeconfigText: stringify(kubeconfig) })
}

async function startController(): Promise<() => Promise<void>> {
  const term = new AbortController()
  const kube = await as('bindery-system', 'bindery-controller')
  const ctx = {
    kube,
    log,
    now: () => new Date(),
    signal: term.signal,
    servingNamespace: serving,
    clusterDomain: 'cluster.local',
  }
  const identity = `test-${Math.random()}`
  const running = runController(ctx, {
    namespace: 'bindery-system',
    identity,
    leaseSeconds: 3,
    metrics: controllerMetrics(new Registry()),
  })
  return async () => {
    term.abort()
    await running
    await kube.close()
  }
}
