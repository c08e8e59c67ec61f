import { expect, test } from 'vitest'
import type { ConditionType, ModelBindingStatus } from '#server/access/model/model-binding.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { annotations } from '#server/platform/model/names.ts'
import { edit, play } from '#server/testing/access/binding-acts.ts'
import { finishRun } from '#server/testing/access/binding-simulation.ts'
import {
  askedSimulation,
  bindingIn,
  readySimulation,
  withStatus,
} from '#server/testing/access/binding-stories.ts'
import { settle } from '#server/testing/access/settle-simulation.ts'
import { applyStep, beginEnd } from './binding-status.ts'

const now = new Date('2026-12-04T08:00:00Z')
const of = (status: ModelBindingStatus | undefined, type: ConditionType) =>
  conditionOf(status?.conditions, type)

test('what is granted takes the place of what was: its run, its attempts, its end, what was offered', () => {
  const simulation = readySimulation()
  const receipt = bindingIn(simulation).status?.receipt
  expect(receipt).toBeDefined()
  edit(simulation, bindingIn(simulation), { alias: 'other' })
  settle(simulation)
  const retry = { run: 'x', by: 'grace', at: '2026-11-24T08:00:00Z' }
  simulation.binding = withStatus(bindingIn(simulation), { attempt: 3, retry })
  play(simulation, { act: 'offer', days: 7, canary: false })
  settle(simulation)
  expect(bindingIn(simulation).status?.terms?.durationDays).toBe(7)
  play(simulation, { act: 'approve' })
  play(simulation, { act: 'step' })
  const { status } = bindingIn(simulation)
  expect(status).toMatchObject({ run: status?.seal?.run, attempt: 0, receipt })
  expect(status).toMatchObject({ granted: { durationDays: 7 }, history: [{ why: 'Replaced' }] })
  expect([status?.terms, status?.retry]).toEqual([undefined, undefined])
  expect(of(status, 'Approved')?.message).toBe('Approved by grace.')
})

test('granted again after an end, that is no longer told, and no receipt of before is shown', () => {
  const simulation = readySimulation()
  play(simulation, { act: 'revoke' })
  expect(of(bindingIn(simulation).status, 'Revoked')).toMatchObject({ status: 'True' })
  settle(simulation)
  const ended = bindingIn(simulation).status
  expect(ended).toMatchObject({ run: ended?.end?.run, end: { proof: undefined } })
  play(simulation, { act: 'change', alias: 'again', slice: false })
  settle(simulation)
  play(simulation, { act: 'approve' })
  play(simulation, { act: 'step' })
  const { status } = bindingIn(simulation)
  expect([status?.end, status?.receipt]).toEqual([undefined, undefined])
  expect(of(status, 'Revoked')).toMatchObject({ status: 'False', reason: 'GrantedAgain' })
  expect(of(status, 'Ready')).toMatchObject({ status: 'False', reason: 'Provisioning' })
})

test('an end stops what else was under way, and says so by its reason', () => {
  const simulation = readySimulation()
  const binding = withStatus(bindingIn(simulation), {
    move: { ring: 'canary', by: 'grace', at: '', comment: '' },
    terms: { generation: 1, by: 'grace', at: '', comment: '' },
  })
  const ending = { by: 'grace', comment: 'Misuse.', generation: 1, requestId: 'of-the-end' }
  const revoked = beginEnd(binding, { ...ending, reason: 'Revoked' }, now)
  expect(revoked).toMatchObject({
    end: { ...ending, reason: 'Revoked', at: '2026-12-04T08:00:00Z' },
    granted: { generation: 1 },
  })
  expect([revoked.move, revoked.terms]).toEqual([undefined, undefined])
  expect(of(revoked, 'Revoked')?.message).toBe('Revoked by grace. Misuse.')
  expect(of(revoked, 'Ready')).toMatchObject({ status: 'False', reason: 'Revoked' })
  expect(of(revoked, 'Expired')).toBeUndefined()
  const expired = beginEnd(binding, { ...ending, reason: 'Expired' }, now)
  expect(of(expired, 'Expired')).toMatchObject({ status: 'True' })
  expect(of(expired, 'Revoked')).toBeUndefined()

  const proof = { run: 'unbind', at: '2026-12-04T08:00:01Z', refused: '403' }
  const proven = applyStep(withStatus(binding, revoked), { step: 'record-proof', proof }, now)
  expect(proven.end).toMatchObject({ proof, provenAt: '2026-12-04T08:00:00Z' })
  expect(of(proven, 'Provisioned')).toMatchObject({ status: 'False', reason: 'Revoked' })
})

test('what a tenant gives back with kubectl is given back by who signed it', () => {
  const simulation = readySimulation()
  const binding = bindingIn(simulation)
  const signed = {
    [annotations.requestedBy]: 'bo',
    [annotations.requestId]: 'number-of-the-release',
  }
  const given = { ...binding, metadata: { ...binding.metadata, annotations: signed } }
  const step = { step: 'record-end' as const, generation: 2 }
  const { end } = applyStep(given, { ...step, reason: 'Released' }, now)
  expect(end).toMatchObject({ by: 'bo', requestId: 'number-of-the-release' })
  const expired = applyStep(given, { ...step, reason: 'Expired' }, now).end
  expect(expired).toMatchObject({ by: 'bindery:controller' })
  expect(expired?.requestId, 'nobody asked for that').toBeUndefined()
})

test('a failed run takes away nothing that worked, and is told where nothing did', () => {
  const simulation = askedSimulation()
  play(simulation, { act: 'approve' })
  play(simulation, { act: 'steps' })
  for (const name of simulation.runs.keys()) finishRun(simulation, name, false)
  settle(simulation)
  const failed = bindingIn(simulation).status
  expect(of(failed, 'Ready')).toMatchObject({ status: 'False', reason: 'RunFailed' })

  const works = bindingIn(readySimulation())
  const step = { step: 'record-failure' as const, reason: 'RunFailed', message: 'It failed.' }
  expect(of(applyStep(works, step, now), 'Ready')?.status).toBe('True')
  expect(of(applyStep(works, step, now), 'Provisioned')?.message).toBe('It failed.')
})

test('a denial is taken back by another wish, and by the old one', () => {
  const simulation = readySimulation()
  const wish = bindingIn(simulation).spec
  edit(simulation, bindingIn(simulation), { durationDays: 90 })
  settle(simulation)
  play(simulation, { act: 'deny' })
  settle(simulation)
  expect(of(bindingIn(simulation).status, 'Denied')?.status).toBe('True')
  const denied = structuredClone(simulation)
  edit(simulation, bindingIn(simulation), { durationDays: 60 })
  settle(simulation)
  expect(of(bindingIn(simulation).status, 'Denied')?.reason).toBe('Changed')
  edit(denied, bindingIn(denied), wish)
  settle(denied)
  expect(of(bindingIn(denied).status, 'Denied')?.reason).toBe('TakenBack')
})

test('an offer is gone once the wish is what is granted, or less', () => {
  for (const durationDays of [30, 20]) {
    const simulation = readySimulation()
    edit(simulation, bindingIn(simulation), { durationDays: 90 })
    settle(simulation)
    play(simulation, { act: 'offer', days: 40, canary: false })
    expect(bindingIn(simulation).status?.terms).toBeDefined()
    edit(simulation, bindingIn(simulation), { durationDays })
    settle(simulation)
    const { status } = bindingIn(simulation)
    expect(status?.terms).toBeUndefined()
    expect(status?.granted?.durationDays).toBe(durationDays)
  }
})
