import { afterAll, beforeAll, expect, test } from 'vitest'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { ownLabels } from '#server/access/model/render-plan.ts'
import type { BindingContext } from '#server/access/verbs/binding-access.ts'
import { changeBinding } from '#server/access/verbs/change-binding.ts'
import { deleteBinding } from '#server/access/verbs/delete-binding.ts'
import { getBinding } from '#server/access/verbs/get-binding.ts'
import { releaseBinding } from '#server/access/verbs/release-binding.ts'
import { requestBinding } from '#server/access/verbs/request-binding.ts'
import { retryBinding } from '#server/access/verbs/retry-binding.ts'
import { revokeBinding } from '#server/access/verbs/revoke-binding.ts'
import { withdrawChange } from '#server/access/verbs/withdraw-change.ts'
import type { AuditEvent } from '#server/audit/model/audit-record.ts'
import { Service } from '#server/platform/kube/kinds.ts'
import { annotations } from '#server/platform/model/names.ts'
import { ModelService } from '#server/serving/model/model-service.ts'
import { controllerScene, serving } from '#server/testing/access/controller-fixture.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'

const { admin, wish, ref, person, approve, until, startController } = controllerScene()
let stopController: () => Promise<void>
let ada: BindingContext
let grace: BindingContext
const noted: AuditEvent[] = []

beforeAll(async () => {
  stopController = await startController()
  const note = (events: AuditEvent[]) => void noted.push(...events)
  ada = { ...person('ada', 'research-team-a'), note, requestId: 'the-number-of-the-act' }
  grace = person('grace', 'bindery-admins')
})

afterAll(() => stopController?.())

/** Each act with the key of its refusal. */
async function expectRefusals(refusals: Record<string, () => Promise<unknown>>): Promise<void> {
  for (const [key, act] of Object.entries(refusals)) {
    await expect(act(), key).rejects.toMatchObject({ details: { key } })
  }
}

async function change(name: string, body: object, by = ada) {
  const { generation } = await getBinding(by, ref(name))
  return changeBinding(by, { ...ref(name), generation, ...body })
}

async function ready(name: string): Promise<void> {
  await requestBinding(ada, wish(name))
  await until(name, (view) => view.state === 'requested')
  await approve(name)
  await until(name, (view) => view.state === 'ready')
}

const said = (name: string) => ({ ...ref(name), comment: 'Enough.' })

test('of a mere request nothing can be given back, revoked, run again or taken back', async () => {
  await requestBinding(ada, wish('asked'))
  expect(noted.at(-1)).toMatchObject({ what: 'requested', who: 'ada' })
  await until('asked', (view) => view.state === 'requested')
  await expectRefusals({
    'binding.nothingToRelease': () => releaseBinding(ada, said('asked')),
    'binding.nothingToRevoke': () => revokeBinding(grace, said('asked')),
    'binding.nothingToRetry': () => retryBinding(grace, ref('asked')),
    'binding.nothingToWithdraw': () => withdrawChange(ada, ref('asked')),
    'binding.aliasTaken': () => requestBinding(ada, wish('asked')),
    'binding.changed': () =>
      changeBinding(ada, { ...ref('asked'), generation: 7, durationDays: 3 }),
  })
  await expect(change('asked', { durationDays: wish('').durationDays })).rejects.toMatchObject({
    details: { fields: [{ key: 'request.nothingChanged' }] },
  })
  await expect(change('asked', { durationDays: 1000 })).rejects.toMatchObject({
    details: { fields: [{ field: 'durationDays' }] },
  })
  // It is asked for under another name now; its own is not free for a second one.
  await change('asked', { alias: 'asked-otherwise' })
  await expectRefusals({ 'binding.exists': () => requestBinding(ada, wish('asked')) })
})

test('a service of another namespace than the serving one is none', async () => {
  const { metadata, ...service } = await admin().get(ModelService, {
    namespace: serving,
    name: 'vibethinker',
  })
  const there = { namespace: 'research-team-a', name: metadata.name }
  await admin().create(ModelService, { ...service, metadata: there })
  const asked = { ...wish('elsewhere'), modelService: there }
  await expectRefusals({ 'binding.noService': () => requestBinding(ada, asked) })
})

test('who changed it last asks from then on, and both names are taken until that is decided', async () => {
  await ready('stands')
  await expectRefusals({
    'binding.nothingToRetry': () => retryBinding(grace, ref('stands')),
    'binding.nothingToWithdraw': () => withdrawChange(ada, ref('stands')),
  })
  const ida = { ...person('ida', 'research-team-a'), requestId: 'the-number-of-the-change' }
  await change('stands', { alias: 'stands-elsewhere' }, ida)
  const signed = async () => (await admin().get(ModelBinding, ref('stands'))).metadata.annotations
  expect(await signed()).toMatchObject({
    [annotations.requestedBy]: 'ida',
    [annotations.requestId]: 'the-number-of-the-change',
  })
  for (const alias of ['stands', 'stands-elsewhere']) {
    await expectRefusals({ 'binding.aliasTaken': () => requestBinding(ada, wish(alias)) })
  }
  // Its own name is nobody else's, also where its Service stands.
  const { uid } = await getBinding(ada, ref('stands'))
  await admin().create(Service, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...ref('stands'), labels: ownLabels({ metadata: { ...ref('stands'), uid } }) },
    spec: { type: 'ExternalName', externalName: 'example.com' },
  })
  await change('stands', { alias: 'stands', durationDays: 90 })
  await withdrawChange({ ...ida, requestId: 'the-number-of-going-back' }, ref('stands'))
  expect(await signed()).toMatchObject({
    [annotations.requestedBy]: 'ida',
    [annotations.requestId]: 'the-number-of-going-back',
  })
})

test('what is ending can only be waited for; ended, its name is free and it does not return', async () => {
  const ended = (name: string) => until(name, (view) => view.state === 'ended')
  await stopController()
  const ending = await revokeBinding(
    { ...grace, requestId: 'the-number-of-the-end' },
    said('stands'),
  )
  expect(ending.end).toMatchObject({ by: 'grace', requestId: 'the-number-of-the-end' })
  await expect(revokeBinding(grace, said('stands'))).rejects.toMatchObject({
    details: { key: 'binding.endingAlready', values: { by: 'grace', reason: 'Revoked' } },
  })
  await expectRefusals({
    'binding.ending': () => change('stands', { durationDays: 3 }),
    'binding.nothingToRelease': () => releaseBinding(ada, said('stands')),
    'binding.aliasTaken': () => requestBinding(ada, wish('stands')),
  })
  stopController = await startController()
  await ended('stands')
  await expectRefusals({
    'binding.nothingToRevoke': () => revokeBinding(grace, said('stands')),
    'binding.nothingToRetry': () => retryBinding(grace, ref('stands')),
    'binding.nothingToRelease': () => releaseBinding(ada, said('stands')),
  })
  expect(await requestBinding(ada, wish('stands'))).toMatchObject({ name: 'stands-2' })

  await ready('given')
  await releaseBinding(ada, said('given'))
  await ended('given')
  await expectRefusals({
    'binding.released': () => change('given', { durationDays: 3 }),
    'binding.nothingToRelease': () => releaseBinding(ada, said('given')),
    'binding.nothingToWithdraw': () => withdrawChange(ada, ref('given')),
  })
})

test('who deletes what stands is who ends it, once', async () => {
  await ready('deleted')
  await stopController()
  // Given back with kubectl, and nobody has seen it yet.
  const { user } = await admin().whoAmI()
  await admin().patch(ModelBinding, ref('deleted'), {
    metadata: { annotations: { [annotations.requestedBy]: user } },
    spec: { released: true },
  })
  await expectRefusals({
    'binding.nothingToWithdraw': () => withdrawChange(ada, ref('deleted')),
    'binding.nothingToRelease': () => releaseBinding(ada, said('deleted')),
    'binding.released': () => change('deleted', { durationDays: 3 }),
  })
  await deleteBinding(ada, ref('deleted'))
  expect(noted.at(-1)).toMatchObject({ what: 'delete-asked', who: 'ada' })
  const { status } = await admin().get(ModelBinding, ref('deleted'))
  const by = { reason: 'Deleted', by: 'ada', requestId: 'the-number-of-the-act' }
  expect(status?.end).toMatchObject(by)
  await expectRefusals({ 'binding.deletingAlready': () => deleteBinding(ada, ref('deleted')) })
  stopController = await startController()
})

test('twenty that have ended under one name are enough', async () => {
  const alias = 'many'
  const names = [alias, ...Array.from({ length: 19 }, (_, index) => `${alias}-${index + 2}`)]
  for (const name of names) {
    const { metadata, spec, ...kind } = sampleBinding({ alias })
    const owned = { ...ref(name), annotations: metadata.annotations }
    await admin().create(ModelBinding, {
      ...kind,
      metadata: owned,
      spec: { ...spec, released: true },
    })
  }
  for (const name of names) await until(name, (view) => view.state === 'ended')
  await expectRefusals({ 'binding.tooMany': () => requestBinding(ada, wish(alias)) })
})
