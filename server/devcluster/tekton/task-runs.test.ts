import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Api } from '#server/devcluster/api/api.ts'
import { localClient } from '#server/devcluster/api/local-client.ts'
import { createRegistry } from '#server/devcluster/api/registry.ts'
import type { Resource } from '#server/devcluster/api/resource.ts'
import { createStore } from '#server/devcluster/api/store.ts'
import type { ClusterClient, KubeObject } from '#server/devcluster/client.ts'
import { busyboxImage } from '#server/devcluster/images/image-table.ts'
import { type AddressPlan, claimAddresses } from '#server/devcluster/network/addresses.ts'
import { startWorkloads, type Workloads } from '#server/devcluster/workloads/start-workloads.ts'
import { workloadResources } from '#server/devcluster/workloads/workload-resources.ts'
import { startTekton } from './start-tekton.ts'
import type { TaskRunSpec, TaskRunStatus } from './task-types.ts'
import { tektonImages } from './tekton-images.ts'
import { tektonResources } from './tekton-resources.ts'

const image = 'localhost/busybox:1'
const end = new AbortController()
let client: ClusterClient
let workloads: Workloads
let directory = ''

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tekton-'))
  const addresses: AddressPlan = await claimAddresses(end.signal)
  const registry = createRegistry()
  for (const one of [...workloadResources(addresses), ...tektonResources]) registry.add(one)
  for (const kind of [
    'Namespace',
    'ServiceAccount',
    'ConfigMap',
    'Secret',
    'PersistentVolumeClaim',
  ])
    registry.add(plain(kind))
  const api: Api = {
    store: createStore(),
    registry,
    client: localClient(() => api),
    now: () => new Date(),
  }
  client = api.client
  const images = { ...tektonImages(), [image]: busyboxImage() }
  const warn = (message: string) => expect.fail(message)
  workloads = startWorkloads(
    client,
    {
      stateDir: directory,
      images,
      addresses,
      apiServer: { url: 'https://127.0.0.1:1', ca: '' },
      issueToken: async () => ({ token: 'x', expirationTimestamp: '2100-01-01T00:00:00Z' }),
      version: 'v1.36.0',
      warn,
    },
    end.signal,
  )
  startTekton(client, { images, warn }, end.signal)
  client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } })
  await see('serviceaccounts', 'default', Boolean)
})

afterAll(async () => {
  end.abort()
  await workloads.stopped()
  rmSync(directory, { recursive: true, force: true })
})

function plain(kind: string): Resource {
  const singular = kind.toLowerCase()
  const plural = `${singular}s`
  return {
    group: '',
    version: 'v1',
    plural,
    singular,
    kind,
    namespaced: kind !== 'Namespace',
    columns: [],
  }
}

/** Resolves with the object once it is as wanted; `gone` where it is deleted. */
function see(
  resource: string,
  name: string,
  wanted: (object: KubeObject, gone: boolean) => boolean,
): Promise<KubeObject> {
  return new Promise((resolve) => {
    const over = new AbortController()
    client.watch(
      resource,
      ({ type, object }) => {
        if (object.metadata.name !== name || !wanted(object, type === 'DELETED')) return
        over.abort()
        resolve(object)
      },
      AbortSignal.any([over.signal, end.signal]),
    )
  })
}

function create(name: string, spec: Partial<TaskRunSpec> & Record<string, unknown>) {
  const metadata = { name, namespace: 'a' }
  client.create('taskruns.tekton.dev', {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata,
    spec,
  })
}

const reasonOf = (run: KubeObject): string | undefined => run.status?.conditions?.[0]?.reason
const isOver = (run: KubeObject) => ['True', 'False'].includes(run.status?.conditions?.[0]?.status)

async function ended(name: string): Promise<TaskRunStatus> {
  return (await see('taskruns.tekton.dev', name, isOver)).status
}

function steps(...scripts: string[]) {
  return {
    taskSpec: { steps: scripts.map((script, index) => ({ name: `s${index}`, image, script })) },
  }
}

test('steps run in order and leave results; workspaces are shared', async () => {
  create('ok', {
    params: [{ name: 'who', value: 'you' }],
    workspaces: [{ name: 'data', emptyDir: {} }],
    taskSpec: {
      params: [{ name: 'who' }],
      results: [{ name: 'said' }, { name: 'list', type: 'array' }],
      workspaces: [{ name: 'data' }],
      steps: [
        { name: 'a', image, script: 'printf "hello $(params.who)" > $(workspaces.data.path)/f' },
        { name: 'b', image, script: 'cp $(workspaces.data.path)/f $(results.said.path)' },
        { name: 'c', image, script: `printf '["1","2"]' > $(results.list.path)` },
      ],
    },
  })
  const status = await ended('ok')
  expect(status.conditions).toMatchObject([
    { status: 'True', reason: 'Succeeded', message: 'All Steps have completed executing' },
  ])
  expect(status.results).toEqual([
    { name: 'said', type: 'string', value: 'hello you' },
    { name: 'list', type: 'array', value: ['1', '2'] },
  ])
})

test('a failing step fails the run and skips the rest', async () => {
  create('fail', steps('exit 3', 'true'))
  const status = await ended('fail')
  expect(status.conditions).toMatchObject([
    { reason: 'StepFailed', message: '"step-s0" exited with code 3: Error' },
  ])
  expect(status.steps).toMatchObject([
    { terminated: { exitCode: 3 }, terminationReason: 'Error' },
    { terminated: { exitCode: 1 }, terminationReason: 'Skipped' },
  ])
})

test('a run whose time is over loses its pod, and says what it was doing', async () => {
  const begin = Date.now()
  create('slow', { timeout: '1500ms', ...steps('sleep 60') })
  const status = await ended('slow')
  expect(Date.now() - begin).toBeGreaterThanOrEqual(1490)
  expect(status.conditions).toMatchObject([
    {
      reason: 'TaskRunTimeout',
      message:
        'TaskRun "slow" failed to finish within "1.5s"\nPrevious status: [Running] Not all Steps in the Task have finished executing',
    },
  ])
  await expect.poll(() => client.find('pods', 'a', 'slow-pod')).toBeUndefined()
})

test('a cancelled run loses its pod', async () => {
  create('cancelled', steps('sleep 60'))
  await see('taskruns.tekton.dev', 'cancelled', (run) => reasonOf(run) === 'Running')
  client.patch('taskruns.tekton.dev', 'a', 'cancelled', {
    spec: { status: 'TaskRunCancelled', statusMessage: 'by ada' },
  })
  const status = await ended('cancelled')
  expect(status.conditions).toMatchObject([
    { reason: 'TaskRunCancelled', message: 'TaskRun "cancelled" was cancelled. by ada' },
  ])
  await expect.poll(() => client.find('pods', 'a', 'cancelled-pod')).toBeUndefined()
})

test('a pending run has no pod and no time until it is released', async () => {
  create('pending', { status: 'TaskRunPending', ...steps('true') })
  const waiting = await see(
    'taskruns.tekton.dev',
    'pending',
    (run) => reasonOf(run) === 'TaskRunPending',
  )
  expect(waiting.status).toMatchObject({ podName: '' })
  expect(waiting.status.startTime).toBeUndefined()
  expect(client.find('pods', 'a', 'pending-pod')).toBeUndefined()
  client.patch('taskruns.tekton.dev', 'a', 'pending', { spec: { status: null } })
  expect((await ended('pending')).conditions).toMatchObject([{ reason: 'Succeeded' }])
})

test('each retry has a pod of its own', async () => {
  create('retried', { retries: 2, ...steps('test $(context.task.retry-count) = 1') })
  const status = await ended('retried')
  expect(status).toMatchObject({
    podName: 'retried-pod-retry1',
    conditions: [{ reason: 'Succeeded' }],
    retriesStatus: [{ podName: 'retried-pod', conditions: [{ reason: 'StepFailed' }] }],
  })
})

test('a step may run out of its own time, or fail and be passed over', async () => {
  create('late', {
    taskSpec: { steps: [{ name: 's', image, timeout: '300ms', script: 'sleep 60' }] },
  })
  create('lenient', {
    taskSpec: {
      results: [{ name: 'code' }],
      steps: [
        { name: 's', image, onError: 'continue', script: 'exit 5' },
        { name: 't', image, script: 'cp $(steps.step-s.exitCode.path) $(results.code.path)' },
      ],
    },
  })
  expect(await ended('late')).toMatchObject({
    conditions: [
      { message: '"step-s" exited because the step exceeded the specified timeout limit' },
    ],
    steps: [{ terminationReason: 'TimeoutExceeded' }],
  })
  expect(await ended('lenient')).toMatchObject({
    conditions: [{ reason: 'Succeeded' }],
    steps: [{ terminated: { exitCode: 5 }, terminationReason: 'Continued' }, {}],
    results: [{ name: 'code', value: '5' }],
  })
})

test('sidecars are there before the first step, and are stopped after the last', async () => {
  const mark = join(directory, 'sidecar')
  create('sided', {
    taskSpec: {
      sidecars: [{ name: 'side', image, script: `touch ${mark}; while :; do sleep 1; done` }],
      steps: [{ name: 's', image, script: `while ! test -e ${mark}; do :; done` }],
    },
  })
  expect((await ended('sided')).conditions).toMatchObject([{ reason: 'Succeeded' }])
  expect(existsSync(mark)).toBe(true)
  const stopped = await see('taskruns.tekton.dev', 'sided', (run) =>
    Boolean(run.status?.sidecars?.[0]?.terminated),
  )
  expect(stopped.status.sidecars).toMatchObject([
    {
      name: 'side',
      container: 'sidecar-side',
      terminated: { message: 'Sidecar container successfully stopped by nop image' },
    },
  ])
})

test('a claim is made from its template and is the workspace', async () => {
  create('claimed', {
    workspaces: [
      {
        name: 'd',
        volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } },
      },
    ],
    taskSpec: {
      workspaces: [{ name: 'd' }, { name: 'o', optional: true }],
      results: [{ name: 'bound' }],
      steps: [
        { name: 's', image, script: 'echo x > $(workspaces.d.path)/f' },
        {
          name: 't',
          image,
          script:
            'test -e $(workspaces.d.path)/f; printf "$(workspaces.d.bound) $(workspaces.o.bound)" > $(results.bound.path)',
        },
      ],
    },
  })
  expect(await ended('claimed')).toMatchObject({
    conditions: [{ reason: 'Succeeded' }],
    results: [{ value: 'true false' }],
  })
  expect(client.list('persistentvolumeclaims', { namespace: 'a' })).toHaveLength(1)
})

test.each([
  [
    'noref',
    { taskRef: { name: 'none' } },
    'TaskRunResolutionFailed',
    'error when listing tasks for taskRun noref: tasks.tekton.dev "none" not found',
  ],
  [
    'badsa',
    { serviceAccountName: 'nobody', ...steps('true') },
    'PodCreationFailed',
    'failed to create task run pod "badsa": translating TaskSpec to Pod: serviceaccounts "nobody" not found. Maybe invalid TaskSpec',
  ],
  [
    'noparam',
    { taskSpec: { params: [{ name: 'who' }], ...steps('echo $(params.who)').taskSpec } },
    'TaskRunValidationFailed',
    '[User error] invalid input params for task noparam: missing values for these params which have no default values: [who]',
  ],
  [
    'outside',
    { params: [{ name: 'l', value: ['x'] }], ...steps('echo $(params.l[1])') },
    'TaskRunValidationFailed',
    '[User error] non-existent param references:[$(params.l[1])]',
  ],
])('%s fails without a pod', async (name, spec, reason, message) => {
  create(name, spec)
  const status = await ended(name)
  expect(status.conditions).toMatchObject([{ reason, message }])
  expect(status.podName).toBe('')
})
