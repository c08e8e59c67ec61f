import { expect, test } from 'vitest'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import {
  EndpointSlice,
  Namespace,
  RoleBinding,
  Service,
  ServiceAccount,
} from '#server/platform/kube/kinds.ts'
import { annotations, labels } from '#server/platform/model/names.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { refusal, sceneOfAttacks } from '#server/testing/access/attacks.ts'
import { namespace, serving } from '#server/testing/access/plan-fixture.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'

// What a team may try with kubectl, in one test even with a ClusterRole that is too wide.

const scene = sceneOfAttacks((signal) =>
  startCluster({ port: 0, manifests: 'manifests/overlays/embedded', signal }),
)
const { as, bindersRole, give } = scene

test('status is not a team’s to write, even with a role that is too wide', async () => {
  const binding = await scene.mallory.get(ModelBinding, { namespace, name: 'theirs' })
  const decided = { ...binding, status: { observedGeneration: 1 } }
  expect(await refusal(scene.mallory.replaceStatus(ModelBinding, decided))).toContain(
    'may not update',
  )

  await scene.give('too-wide', 'cluster-admin', { namespace, name: 'default' })
  expect(await refusal(scene.mallory.replaceStatus(ModelBinding, decided))).toContain(
    'web and controller alone',
  )
  expect((await scene.root.get(ModelBinding, { namespace, name: 'theirs' })).status).toBeUndefined()
  await scene.root.remove(RoleBinding, { namespace, name: 'too-wide' })
})

test('who asked is not a team’s to write, and nobody asks without a name', async () => {
  const signed = (name: string | null) => ({
    metadata: { annotations: { [annotations.requestedBy]: name } },
  })
  const theirs = { namespace, name: 'theirs' }
  expect(await refusal(scene.mallory.patch(ModelBinding, theirs, signed('grace')))).toContain(
    'web alone',
  )
  const make = (name: string, by: Record<string, string>) =>
    scene.mallory.create(ModelBinding, {
      ...sampleBinding({ alias: name }),
      metadata: { namespace, name, annotations: by },
    })
  expect(await refusal(make('forged', { [annotations.requestedBy]: 'grace' }))).toContain(
    'web alone',
  )
  const { user } = await scene.mallory.whoAmI()
  expect(await refusal(make('unsigned', {}))).toContain(`${annotations.requestedBy} to ${user}`)

  // What she signed is hers: neither can she take her name off, nor can somebody else be put in her place.
  await make('hers', { [annotations.requestedBy]: user })
  const hers = { namespace, name: 'hers' }
  for (const name of ['', null, 'grace']) {
    expect(await refusal(scene.mallory.patch(ModelBinding, hers, signed(name)))).toContain(
      'web alone',
    )
  }
  const { metadata } = await scene.root.get(ModelBinding, hers)
  expect(metadata.annotations).toEqual({ [annotations.requestedBy]: user })
})

test('who may sign for others says who they are, for people alone, and only where they may', async () => {
  await scene.root.create(ServiceAccount, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace, name: 'tool' },
  })
  const tool = await as(namespace, 'tool')
  const { user } = await tool.whoAmI()
  const make = (name: string, by: Record<string, string>) =>
    tool.create(ModelBinding, {
      ...sampleBinding({ alias: name }),
      metadata: { namespace, name, annotations: by },
    })
  const forAda = { [annotations.requestedBy]: 'ada', [annotations.signedBy]: user }
  await give('tool-writes', 'bindery-tenant', { namespace, name: 'tool' })
  expect(await refusal(make('early', forAda))).toContain('web alone')
  await give('tool-signs', 'bindery-signer', { namespace, name: 'tool' })
  expect(await refusal(make('quiet', { [annotations.requestedBy]: 'ada' }))).toContain('web alone')
  const asGrace = { ...forAda, [annotations.signedBy]: 'grace' }
  expect(await refusal(make('other', asGrace))).toContain('web alone')
  const asWeb = { ...forAda, [annotations.requestedBy]: 'bindery:auto' }
  expect(await refusal(make('machine', asWeb))).toContain('web alone')
  const made = await make('signed', forAda)
  expect(made.metadata.annotations).toEqual(forAda)

  const ref = { namespace, name: 'signed' }
  await tool.patch(ModelBinding, ref, { spec: { durationDays: 20 } })
  const unsigned = { metadata: { annotations: { [annotations.signedBy]: null } } }
  expect(await refusal(scene.mallory.patch(ModelBinding, ref, unsigned))).toContain('signed-by')
  // A change of somebody else does not stand under the tool's signature.
  const { user: mallory } = await scene.mallory.whoAmI()
  const hers = { metadata: { annotations: { [annotations.requestedBy]: mallory } } }
  const more = { ...hers, spec: { durationDays: 90 } }
  expect(await refusal(scene.mallory.patch(ModelBinding, ref, more))).toContain('signed-by')
  const own = { [annotations.requestedBy]: mallory, [annotations.signedBy]: null }
  await scene.mallory.patch(ModelBinding, ref, { ...more, metadata: { annotations: own } })
})

test('whoever changes a request is the one who asks from then on', async () => {
  const web = await as('bindery-system', 'bindery-web')
  const ref = { namespace, name: 'adas' }
  const { user } = await scene.mallory.whoAmI()
  const by = (name: string) => ({ annotations: { [annotations.requestedBy]: name } })
  await web.create(ModelBinding, {
    ...sampleBinding({ alias: ref.name }),
    metadata: { ...ref, ...by('ada') },
  })
  const more = { spec: { durationDays: 90 } }
  expect(await refusal(scene.mallory.patch(ModelBinding, ref, more))).toContain(`to ${user}`)
  // Not even the cluster's own administrator asks in somebody else's name.
  expect(await refusal(scene.root.patch(ModelBinding, ref, more))).toContain('to admin')
  const labelled = { metadata: { labels: { team: 'a' } } }
  await scene.mallory.patch(ModelBinding, ref, labelled)
  // To take over the name of what somebody else asked would let that person approve it.
  expect(await refusal(scene.mallory.patch(ModelBinding, ref, { metadata: by(user) }))).toContain(
    'web alone',
  )
  await scene.mallory.patch(ModelBinding, ref, { metadata: by(user), ...more })
  const { metadata, spec } = await scene.root.get(ModelBinding, ref)
  expect([metadata.annotations?.[annotations.requestedBy], spec.durationDays]).toEqual([user, 90])
})

test('a namespace’s labels are not a team’s to write, and its name cannot be another’s', async () => {
  const label = (name: string) => ({
    metadata: { labels: { 'kubernetes.io/metadata.name': name } },
  })
  const ref = { name: namespace }
  expect(await refusal(scene.mallory.patch(Namespace, ref, label('research-team-b')))).toContain(
    'may not',
  )
  // Not even who may: the API server puts the name back.
  await scene.root.patch(Namespace, ref, label('research-team-b')).catch(() => undefined)
  const { metadata } = await scene.root.get(Namespace, ref)
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
  expect(await refusal(scene.mallory.create(EndpointSlice, slice))).toContain('may not create')
})

test('our label is not a team’s to put on a Service, nor is an alias to be aimed elsewhere', async () => {
  const alias = (name: string, externalName: string, marked: boolean): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, labels: marked ? { [labels.bindingUid]: 'any' } : {} },
    spec: { type: 'ExternalName', externalName },
  })
  const honest = `vibethinker-svc.${serving}.svc.cluster.local`
  expect(await refusal(scene.mallory.create(Service, alias('forged', honest, true)))).toContain(
    'nobody else puts it on',
  )
  // A name of their own is theirs: it leads to the gateway, which asks who is calling.
  await scene.mallory.create(Service, alias('own', honest, false))
  const mark = { metadata: { labels: { [labels.bindingUid]: 'any' } } }
  expect(await refusal(scene.mallory.patch(Service, { namespace, name: 'own' }, mark))).toContain(
    'nobody else puts it on',
  )

  const binder = await as(serving, 'bindery-binder')
  await bindersRole()
  await binder.create(Service, alias('alias', honest, true))
  const aimed = { spec: { externalName: 'evil.example.com' } }
  const ref = { namespace, name: 'alias' }
  expect(await refusal(scene.mallory.patch(Service, ref, aimed))).toContain('nowhere else')
  // Whoever stole the binder's token cannot either.
  expect(await refusal(binder.patch(Service, ref, aimed))).toContain('nowhere else')
  expect((await scene.root.get(Service, ref)).spec?.externalName).toBe(honest)
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
  expect(await refusal(scene.mallory.create(TaskRun, run))).toContain('may not create')
})
