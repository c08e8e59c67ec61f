import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { startCluster } from '#server/devcluster/start-cluster.ts'
import { ModelBinding } from '#server/domain/access/model-binding.ts'
import { AppError } from '#server/domain/errors.ts'
import type { Kind, KubeObject } from '#server/domain/kubernetes.ts'
import { annotations, labels } from '#server/domain/names.ts'
import { TaskRun } from '#server/domain/runs/task-run.ts'
import { sampleBinding } from '#server/domain/sample-objects.ts'
import { connectKube } from '#server/kube/connect-kube.ts'
import {
  EndpointSlice,
  Namespace,
  Pod,
  RoleBinding,
  Service,
  ServiceAccount,
} from '#server/kube/kinds.ts'
import type { Kube } from '#server/kube/kube.ts'
import { probePodOf } from './probe-pod.ts'

// What a team may try with kubectl. Mallory has all that a cluster's owner gives away: `admin` of her namespace beside
// our own role, and in one test even a ClusterRole that is too wide.

const namespace = 'research-team-a'
const serving = 'model-serving-prod'
const ending = new AbortController()
let cluster: Awaited<ReturnType<typeof startCluster>>
let root: Kube
let mallory: Kube

beforeAll(async () => {
  cluster = await startCluster({
    port: 0,
    manifests: 'manifests/overlays/embedded',
    signal: ending.signal,
  })
  root = connectKube({ kubeconfigText: cluster.kubeconfig })
  for (const name of ['admin', 'bindery-tenant']) {
    await root.create(RoleBinding, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { namespace, name: `mallory-${name}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', namespace, name: 'default' }],
    })
  }
  mallory = await as(namespace, 'default')
  await root.create(ModelBinding, {
    ...sampleBinding(),
    metadata: { namespace, name: 'theirs' },
  })
})

afterAll(async () => {
  ending.abort()
  await cluster?.close()
})

test('status is not a team’s to write, even with a role that is too wide', async () => {
  const binding = await mallory.get(ModelBinding, { namespace, name: 'theirs' })
  const decided = { ...binding, status: { observedGeneration: 1 } }
  expect(await refusal(mallory.replaceStatus(ModelBinding, decided))).toContain('may not update')

  await root.create(RoleBinding, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { namespace, name: 'too-wide' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', namespace, name: 'default' }],
  })
  expect(await refusal(mallory.replaceStatus(ModelBinding, decided))).toContain(
    'web and controller alone',
  )
  expect((await root.get(ModelBinding, { namespace, name: 'theirs' })).status).toBeUndefined()
  await root.remove(RoleBinding, { namespace, name: 'too-wide' })
})

test('who asked is not a team’s to write, and nobody asks without a name', async () => {
  const signed = (name: string | null) => ({
    metadata: { annotations: { [annotations.requestedBy]: name } },
  })
  const theirs = { namespace, name: 'theirs' }
  expect(await refusal(mallory.patch(ModelBinding, theirs, signed('grace')))).toContain('web alone')
  const make = (name: string, by: Record<string, string>) =>
    mallory.create(ModelBinding, {
      ...sampleBinding({ alias: name }),
      metadata: { namespace, name, annotations: by },
    })
  expect(await refusal(make('forged', { [annotations.requestedBy]: 'grace' }))).toContain(
    'web alone',
  )
  const { user } = await mallory.whoAmI()
  expect(await refusal(make('unsigned', {}))).toContain(`${annotations.requestedBy} to ${user}`)

  // What she signed is hers: neither can she take her name off, nor can somebody else be put in her place.
  await make('hers', { [annotations.requestedBy]: user })
  const hers = { namespace, name: 'hers' }
  for (const name of ['', null, 'grace']) {
    expect(await refusal(mallory.patch(ModelBinding, hers, signed(name)))).toContain('web alone')
  }
  const { metadata } = await root.get(ModelBinding, hers)
  expect(metadata.annotations).toEqual({ [annotations.requestedBy]: user })
})

test('whoever changes a request is the one who asks from then on', async () => {
  const web = await as('bindery-system', 'bindery-web')
  const ref = { namespace, name: 'adas' }
  const { user } = await mallory.whoAmI()
  const by = (name: string) => ({ annotations: { [annotations.requestedBy]: name } })
  await web.create(ModelBinding, {
    ...sampleBinding({ alias: ref.name }),
    metadata: { ...ref, ...by('ada') },
  })
  const more = { spec: { durationDays: 90 } }
  expect(await refusal(mallory.patch(ModelBinding, ref, more))).toContain(`to ${user}`)
  // Not even the cluster's own administrator asks in somebody else's name.
  expect(await refusal(root.patch(ModelBinding, ref, more))).toContain('to admin')
  const labelled = { metadata: { labels: { team: 'a' } } }
  await mallory.patch(ModelBinding, ref, labelled)
  // To take over the name of what somebody else asked would let that person approve it.
  expect(await refusal(mallory.patch(ModelBinding, ref, { metadata: by(user) }))).toContain(
    'web alone',
  )
  await mallory.patch(ModelBinding, ref, { metadata: by(user), ...more })
  const { metadata, spec } = await root.get(ModelBinding, ref)
  expect([metadata.annotations?.[annotations.requestedBy], spec.durationDays]).toEqual([user, 90])
})

test('a namespace’s labels are not a team’s to write, and its name cannot be another’s', async () => {
  const label = (name: string) => ({
    metadata: { labels: { 'kubernetes.io/metadata.name': name } },
  })
  const ref = { name: namespace }
  expect(await refusal(mallory.patch(Namespace, ref, label('research-team-b')))).toContain(
    'may not',
  )
  // Not even who may: the API server puts the name back.
  await root.patch(Namespace, ref, label('research-team-b')).catch(() => undefined)
  const { metadata } = await root.get(Namespace, ref)
  expect(metadata.labels?.['kubernetes.io/metadata.name']).toBe(namespace)
})

test('slices are not a team’s to write', async () => {
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name: 'elsewhere', labels: { 'kubernetes.io/service-name': 'alias' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }],
  }
  expect(await refusal(mallory.create(EndpointSlice, slice))).toContain('may not create')
})

test('our label is not a team’s to put on a Service, nor is an alias to be aimed elsewhere', async () => {
  const alias = (name: string, externalName: string, marked: boolean): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, labels: marked ? { [labels.bindingUid]: 'any' } : {} },
    spec: { type: 'ExternalName', externalName },
  })
  const honest = `vibethinker-svc.${serving}.svc.cluster.local`
  expect(await refusal(mallory.create(Service, alias('forged', honest, true)))).toContain(
    'nobody else puts it on',
  )
  // A name of their own is theirs: it leads to the gateway, which asks who is calling.
  await mallory.create(Service, alias('own', honest, false))
  const mark = { metadata: { labels: { [labels.bindingUid]: 'any' } } }
  expect(await refusal(mallory.patch(Service, { namespace, name: 'own' }, mark))).toContain(
    'nobody else puts it on',
  )

  const binder = await as(serving, 'bindery-binder')
  await bindersRole()
  await binder.create(Service, alias('alias', honest, true))
  const aimed = { spec: { externalName: 'evil.example.com' } }
  const ref = { namespace, name: 'alias' }
  expect(await refusal(mallory.patch(Service, ref, aimed))).toContain('nowhere else')
  // Whoever stole the binder's token cannot either.
  expect(await refusal(binder.patch(Service, ref, aimed))).toContain('nowhere else')
  expect((await root.get(Service, ref)).spec?.externalName).toBe(honest)
})

test('a stolen binder token opens no namespace without a binding, and no secrets anywhere', async () => {
  const binder = await as(serving, 'bindery-binder')
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'research-team-b', name: 'foothold' },
    spec: { type: 'ExternalName', externalName: `vibethinker-svc.${serving}.svc.cluster.local` },
  }
  expect(await refusal(binder.create(Service, service))).toContain('may not create')
  const secrets: Kind<KubeObject> = {
    group: '',
    version: 'v1',
    kind: 'Secret',
    plural: 'secrets',
    namespaced: true,
  }
  for (const where of [serving, namespace, 'bindery-system']) {
    expect(await refusal(binder.list(secrets, { namespace: where }))).toContain('may not list')
  }
  const decided = { ...(await binder.get(ModelBinding, { namespace, name: 'theirs' })), status: {} }
  expect(await refusal(binder.replaceStatus(ModelBinding, decided))).toContain('may not update')
})

test('a stolen binder token makes no pod in a team’s namespace but the one that tries its access', async () => {
  await bindersRole()
  const binder = await as(serving, 'bindery-binder')
  const { metadata: theirs } = await root.get(ModelBinding, { namespace, name: 'theirs' })
  const binding = { namespace, name: 'theirs', uid: theirs.uid ?? '', generation: 1 }
  const asked = { expect: 'access' as const, address: 'http://alias:8080', model: 'm' }
  const honest = probePodOf({ binding }, 'localhost/bindery:dev', asked)
  const { spec } = honest
  const [container] = spec.containers
  const sealed = (container as { securityContext?: object }).securityContext
  const exec = { command: ['/nodejs/bin/node', '-e', 'anything'] }
  const worse: [Partial<Pod['spec']> | { metadata: Pod['metadata'] }, string][] = [
    [{ metadata: { ...honest.metadata, name: 'foothold' } }, 'no pods but'],
    [{ containers: [{ ...container!, image: 'evil.example.com/bindery' }] }, 'own image'],
    [{ containers: [container!, { ...container!, name: 'second' }] }, 'nothing beside it'],
    [containerWith({ args: ['task', 'remove-plan'] }), 'own arguments'],
    [containerWith({ command: ['/bin/sh'] }), 'own arguments'],
    [
      containerWith({ env: [{ name: 'NODE_OPTIONS', value: '--require=/tmp/x' }] }),
      'own arguments',
    ],
    // Whatever the kubelet would run in it besides.
    [containerWith({ lifecycle: { postStart: { exec } } }), 'own arguments'],
    [containerWith({ livenessProbe: { exec } }), 'own arguments'],
    [containerWith({ startupProbe: { exec } }), 'own arguments'],
    [specWith({ initContainers: [{ ...container!, name: 'before' }] }), 'nothing beside it'],
    [containerWith({ securityContext: { privileged: true } }), 'no privileges'],
    [containerWith({ securityContext: { ...sealed, procMount: 'Unmasked' } }), 'no privileges'],
    [
      containerWith({ securityContext: { ...sealed, seccompProfile: { type: 'Unconfined' } } }),
      'no privileges',
    ],
    [specWith({ securityContext: { seccompProfile: { type: 'Unconfined' } } }), 'no privileges'],
    [specWith({ shareProcessNamespace: true }), 'no privileges'],
    // Chosen by hand, a node is not judged by its taints.
    [specWith({ nodeName: 'control-plane' }), 'no privileges'],
    [specWith({ hostNetwork: true }), 'no privileges'],
    [
      specWith({ volumes: [{ name: 'gateway-token', secret: { secretName: 'theirs' } }] }),
      'a token',
    ],
    [specWith({ automountServiceAccountToken: true }), 'a token'],
    [specWith({ serviceAccountName: 'powerful', serviceAccount: 'powerful' }), 'a token'],
    [specWith({ activeDeadlineSeconds: 86_400 }), 'ends by itself'],
  ]
  await root.create(ServiceAccount, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace, name: 'powerful' },
  })
  for (const [change, why] of worse) {
    const { metadata = honest.metadata, ...rest } = { metadata: honest.metadata, ...change }
    const pod = { ...honest, metadata, spec: { ...spec, ...rest } }
    expect(await refusal(binder.create(Pod, pod)), JSON.stringify(change)).toContain(why)
  }
  const controller = await as('bindery-system', 'bindery-controller')
  expect(await refusal(controller.create(Pod, honest))).toContain('may not create')
  await binder.create(Pod, honest)
  const other = { namespace, name: 'theirs-alone' }
  await root.create(Pod, { ...honest, metadata: other })
  expect(await refusal(binder.remove(Pod, other))).toContain('may not delete')
  expect(await refusal(binder.get(Pod, other))).toContain('may not get')
  for (const name of [honest.metadata.name, other.name]) await root.remove(Pod, { namespace, name })

  function specWith(more: object): Partial<Pod['spec']> {
    return { ...spec, ...more }
  }

  function containerWith(more: object): Partial<Pod['spec']> {
    return { containers: [{ ...container!, ...more }] }
  }
})

test('runs in the serving namespace are not a team’s to start', async () => {
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: serving, name: 'mallory' },
    spec: {
      taskRef: { name: 'start-vibethinker-service' },
      serviceAccountName: 'bindery-deployer',
    },
  }
  expect(await refusal(mallory.create(TaskRun, run))).toContain('may not create')
})

/** The binder's right in a tenant's namespace, as a binding gives it. */
async function bindersRole(): Promise<void> {
  const name = 'as-a-binding-would'
  if (await root.find(RoleBinding, { namespace, name })) return
  await root.create(RoleBinding, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { namespace, name },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'bindery-tenant-binder',
    },
    subjects: [{ kind: 'ServiceAccount', namespace: serving, name: 'bindery-binder' }],
  })
}

/** What the API server said to a request that it must not carry out. */
async function refusal(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
  throw new Error('It was let through.')
}

async function as(at: string, account: string): Promise<Kube> {
  const config = parse(cluster.kubeconfig)
  config.users[0].user = { token: await cluster.issueToken(at, account) }
  return connectKube({ kubeconfigText: stringify(config) })
}
