import { afterAll, beforeAll, expect, test } from 'vitest'
import { policyName } from '#server/access/model/binding-names.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import type { BindingContext } from '#server/access/verbs/binding-access.ts'
import { changeBinding } from '#server/access/verbs/change-binding.ts'
import { decideBinding } from '#server/access/verbs/decide-binding.ts'
import { deleteBinding } from '#server/access/verbs/delete-binding.ts'
import { getBinding } from '#server/access/verbs/get-binding.ts'
import { listBindings } from '#server/access/verbs/list-bindings.ts'
import { moveRing } from '#server/access/verbs/move-ring.ts'
import { offerTerms } from '#server/access/verbs/offer-terms.ts'
import { previewChange } from '#server/access/verbs/preview-change.ts'
import { previewRequest } from '#server/access/verbs/preview-request.ts'
import { releaseBinding } from '#server/access/verbs/release-binding.ts'
import { requestBinding } from '#server/access/verbs/request-binding.ts'
import { retryBinding } from '#server/access/verbs/retry-binding.ts'
import { revokeBinding } from '#server/access/verbs/revoke-binding.ts'
import { withdrawChange } from '#server/access/verbs/withdraw-change.ts'
import { Service } from '#server/platform/kube/kinds.ts'
import { annotations } from '#server/platform/model/names.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { ModelService } from '#server/serving/model/model-service.ts'
import { controllerScene, serving } from '#server/testing/access/controller-fixture.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'

const scene = controllerScene()
const { admin, wish, ref, person, decide, approve, until, gone, rightsLeft, startController } =
  scene
let stopController: () => Promise<void>

beforeAll(async () => {
  stopController = await startController()
})

afterAll(() => stopController?.())

test('asked, approved, carried out, given back; nothing is left', async () => {
  const asker = person('ada', 'research-team-a')
  const foreseen = await previewRequest(asker, wish('story'), 'cluster.local')
  const asked = await requestBinding(asker, wish('story'))
  expect(asked).toMatchObject({ requestedBy: 'ada', state: 'preparing', name: 'story' })

  const sealed = await until('story', (view) => view.state === 'requested')
  expect(sealed.seal?.changes.map((one) => `${one.change} ${one.kind}`)).toEqual([
    'create Service',
    'create NetworkPolicy',
  ])
  // What was shown before it was sent is what is sealed, but for what was given when it was.
  const named = JSON.stringify(sealed.seal?.changes)
    .replaceAll(sealed.uid, '…')
    .replaceAll(policyName({ metadata: { ...ref('story'), uid: sealed.uid } }), 'bind-…')
  expect(foreseen).toMatchObject({ problems: [], changes: JSON.parse(named) })
  expect(sealed.can).toContain('decide')
  const run = await admin().get(TaskRun, { namespace: serving, name: sealed.seal?.run ?? '' })
  expect(run.spec.status).toBe('TaskRunPending')
  expect(
    await admin().find(Service, { namespace: 'research-team-a', name: 'story' }),
  ).toBeUndefined()

  const grace = { ...person('grace', 'bindery-admins'), requestId: 'the-number-of-the-approval' }
  await decide('story', 'approve', '', ref('story'), grace)
  const ready = await until('story', (view) => view.state === 'ready')
  const { metadata } = await admin().get(TaskRun, { namespace: serving, name: run.metadata.name })
  expect(metadata.annotations?.[annotations.requestId]).toBe(grace.requestId)
  expect(ready.receipt).toMatchObject({ model: 'test-model' })
  expect(ready.granted).toMatchObject({ approvedBy: ['grace'], usableSince: expect.any(String) })

  const requestId = 'the-number-of-the-release'
  const ada = { ...person('ada', 'research-team-a'), requestId }
  await releaseBinding(ada, { namespace: 'research-team-a', name: 'story', comment: 'Done.' })
  const ended = await until('story', (view) => view.state === 'ended')
  const said = { reason: 'Released', by: 'ada', comment: 'Done.', requestId }
  expect(ended.end).toMatchObject({ ...said, provenAt: expect.any(String) })
  const undone = await admin().get(TaskRun, { namespace: serving, name: ended.end?.run ?? '' })
  expect(undone.metadata.annotations?.[annotations.requestId]).toBe(requestId)
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

  // Not even with the very words of somebody who may: each act asks for its own right, before it looks.
  const { generation: present } = sealed
  const said = { ...ref('rights'), comment: '', generation: present }
  const verdict = { ...said, digest: sealed.seal?.digest ?? '' }
  const judged: ((ctx: BindingContext) => Promise<unknown>)[] = [
    (ctx) => decideBinding(ctx, { ...verdict, decision: 'approve' }),
    (ctx) => decideBinding(ctx, { ...verdict, decision: 'deny' }),
    (ctx) => offerTerms(ctx, { ...said, durationDays: 1 }),
    (ctx) => moveRing(ctx, { ...ref('rights'), ring: 'canary', comment: '' }),
    (ctx) => retryBinding(ctx, ref('rights')),
    (ctx) => revokeBinding(ctx, said),
  ]
  const kept: typeof judged = [
    (ctx) => changeBinding(ctx, { ...ref('rights'), generation: present, durationDays: 2 }),
    (ctx) => withdrawChange(ctx, ref('rights')),
    (ctx) => releaseBinding(ctx, said),
    (ctx) => deleteBinding(ctx, ref('rights')),
  ]
  for (const act of [...judged, ...kept]) await expect(act(bo)).rejects.toMatchObject(refused)
  const tenant = person('ida', 'research-team-a')
  for (const act of judged) await expect(act(tenant)).rejects.toMatchObject(refused)
  const { resourceVersion } = await getBinding(tenant, ref('rights'))
  expect(resourceVersion, 'nothing came of any of it').toBe(sealed.resourceVersion)

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
  await admin().create(Service, foreign)
  await expect(requestBinding(person('ada', namespace), wish('foreign'))).rejects.toMatchObject({
    code: 'conflict',
    details: { fields: [{ field: 'alias' }] },
  })
  const foreseen = await previewRequest(person('ada', namespace), wish('foreign'), 'cluster.local')
  expect(foreseen.problems).toMatchObject([{ field: 'alias', key: 'binding.aliasTaken' }])
  expect(foreseen.changes[0]).toMatchObject({ change: 'conflict', kind: 'Service' })

  const sample = sampleBinding({ alias: 'foreign' })
  await admin().create(ModelBinding, { ...sample, metadata: { namespace, name: 'foreign' } })
  const sealed = await until('foreign', (view) => view.state === 'requested')
  expect(sealed.seal?.changes[0]).toMatchObject({ change: 'conflict', kind: 'Service' })
  await expect(decide('foreign', 'approve')).rejects.toMatchObject({
    code: 'conflict',
    details: { key: 'binding.planConflict' },
  })
  await admin().remove(ModelBinding, ref('foreign'))
  await gone(ModelBinding, namespace, 'foreign')
})

test('who asks with kubectl signs, and then does not approve it; what nobody signed takes two', async () => {
  const make = (name: string, signed: Record<string, string>) =>
    admin().create(ModelBinding, {
      ...sampleBinding({ alias: name }),
      metadata: { ...ref(name), annotations: signed },
    })
  const { user } = await admin().whoAmI()
  const self = person(user, 'bindery-admins')
  await make('signed', { [annotations.requestedBy]: user })
  await until('signed', (view) => view.state === 'requested')
  await expect(decide('signed', 'approve', '', ref('signed'), self)).rejects.toMatchObject({
    details: { key: 'binding.selfApproval' },
  })

  // As where the policy is not installed, or from a backup that is older than it.
  await make('unsigned', {})
  await until('unsigned', (view) => view.state === 'requested')
  const once = await decide('unsigned', 'approve', '', ref('unsigned'), self)
  expect(once).toMatchObject({
    approval: { required: 2, signed: false, missing: 1 },
    granted: undefined,
  })
  for (const name of ['signed', 'unsigned']) {
    await admin().remove(ModelBinding, ref(name))
    await gone(ModelBinding, 'research-team-a', name)
  }
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

test('two have to approve where the service says two, and what it passes by itself needs nobody', async () => {
  const { metadata: _made, ...shape } = await admin().get(ModelService, {
    namespace: serving,
    name: 'vibethinker',
  })
  const make = (name: string, approval: ModelService['spec']['approval']) =>
    admin().create(ModelService, {
      ...shape,
      metadata: { namespace: serving, name },
      spec: { ...shape.spec, approval },
    })
  await make('two', { required: 2, allowSelfApproval: false })
  const auto = { maxDurationDays: 30, maxQuota: sampleBinding().spec.quota }
  await make('auto', { required: 1, allowSelfApproval: false, auto })
  const ask = (name: string) =>
    requestBinding(person('ada', 'research-team-a'), {
      ...wish(name),
      modelService: { namespace: serving, name },
    })

  await ask('two')
  await until('two', (view) => view.state === 'requested')
  const once = await approve('two')
  expect(once.approval).toMatchObject({ required: 2, missing: 1, given: [{ by: 'grace' }] })
  await expect(approve('two')).rejects.toMatchObject({ details: { key: 'binding.decidedByYou' } })
  await decide('two', 'approve', '', ref('two'), person('henry', 'bindery-admins'))
  const ready = await until('two', (view) => view.state === 'ready')
  expect(ready.granted?.approvedBy).toEqual(['grace', 'henry'])

  await ask('auto')
  const passed = await until('auto', (view) => view.state === 'ready')
  expect(passed.decisions).toMatchObject([{ decision: 'approve', by: 'bindery:auto' }])
})

test('what passes by itself is judged with all that the namespace holds, and held today', async () => {
  const { metadata: _made, ...shape } = await admin().get(ModelService, {
    namespace: serving,
    name: 'vibethinker',
  })
  const auto = { maxDurationDays: 30, maxQuota: sampleBinding().spec.quota }
  await admin().create(ModelService, {
    ...shape,
    metadata: { namespace: serving, name: 'in-all' },
    spec: { ...shape.spec, approval: { required: 1, allowSelfApproval: false, auto } },
  })
  const ada = person('ada', 'research-team-a')
  const ask = (name: string) => {
    const modelService = { namespace: serving, name: 'in-all' }
    return requestBinding(ada, { ...wish(name), modelService })
  }
  const names = ['in-all-1', 'in-all-2', 'in-all-3', 'in-all-4']
  const state = async (name: string) => (await getBinding(ada, ref(name))).state
  // All at once, each of exactly the limit: one passes.
  await Promise.all(names.map(ask))
  const states = () => Promise.all(names.map(state))
  const one = ['ready', 'requested', 'requested', 'requested']
  await expect.poll(async () => (await states()).sort(), { timeout: 40_000 }).toEqual(one)
  const first = names[(await states()).indexOf('ready')] ?? ''
  // Ended or deleted, it was still held today.
  await releaseBinding(ada, { ...ref(first), comment: '' })
  await until(first, (view) => view.state === 'ended')
  await deleteBinding(ada, ref(first))
  await gone(ModelBinding, 'research-team-a', first)
  await ask('in-all-5')
  await until('in-all-5', (view) => view.state === 'requested')
  const others = ['in-all-5', ...names.filter((name) => name !== first)]
  expect(await Promise.all(others.map(state))).toEqual(others.map(() => 'requested'))
})

test('less takes effect at once, more waits, and what is taken back was never asked', async () => {
  const ada = person('ada', 'research-team-a')
  await requestBinding(ada, wish('changes'))
  await until('changes', (view) => view.state === 'requested')
  await approve('changes')
  const ready = await until('changes', (view) => view.state === 'ready')
  const change = async (
    body: Omit<Parameters<typeof changeBinding>[1], keyof ReturnType<typeof ref> | 'generation'>,
  ) => {
    const { generation } = await getBinding(ada, ref('changes'))
    return changeBinding(ada, { ...ref('changes'), generation, ...body })
  }

  const quota = { ...wish('').quota, concurrency: 1 }
  expect(await change({ quota })).toMatchObject({ reduction: true, pending: false })
  const less = await until('changes', (view) => view.granted?.quota.concurrency === 1)
  expect(less.decisions.at(-1)).toMatchObject({ decision: 'reduce', by: 'ada' })
  expect(less.run, 'no run was needed').toEqual(ready.run)

  const { generation } = await getBinding(ada, ref('changes'))
  const other = { ...ref('changes'), generation, alias: 'others' }
  const { changes, problems } = await previewChange(ada, other, 'cluster.local')
  expect(problems).toEqual([])
  expect(changes.map(({ change, kind, name }) => `${change} ${kind} ${name}`)).toEqual([
    'create Service others',
    expect.stringMatching(/^unchanged NetworkPolicy bind-/),
    'delete Service changes',
  ])
  await expect(previewChange(person('bo'), other, 'cluster.local')).rejects.toMatchObject({
    code: 'forbidden',
  })

  await change({ extend: true })
  const asked = await until('changes', (view) => view.pending && view.seal !== undefined)
  expect(asked.changes).toEqual([{ field: 'renewal', from: 0, to: 1, how: 'more' }])
  expect(asked.can).toContain('use')
  await withdrawChange(ada, ref('changes'))
  await gone(TaskRun, serving, asked.seal?.run ?? '')
  const back = await until('changes', (view) => view.granted?.generation === view.generation)
  expect(back).toMatchObject({ pending: false, state: 'ready', changes: [] })
})
