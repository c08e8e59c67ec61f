import { expect, test } from 'vitest'
import { requestIdOf } from '#server/access/model/binding-request-id.ts'
import { withConditions } from '#server/access/model/conditions.ts'
import type { Decision } from '#server/access/model/model-binding.ts'
import { play } from '#server/testing/access/binding-acts.ts'
import {
  askedSimulation,
  bindingIn,
  readySimulation,
  withStatus,
} from '#server/testing/access/binding-stories.ts'
import { annotations } from './names.ts'
import { parseRequestId, requestIdNote } from './request-id.ts'

const now = new Date('2026-11-24T09:00:00Z')
const signed = { [annotations.requestId]: 'number-of-the-wish' }

function wished(binding = bindingIn(askedSimulation())) {
  return { ...binding, metadata: { ...binding.metadata, annotations: signed } }
}

test('only a number that is one is passed on', () => {
  expect(parseRequestId('number-of-the-wish')).toBe('number-of-the-wish')
  for (const other of ['short', 'with a blank', 'a'.repeat(129), 'line\nbreak', 17, undefined]) {
    expect(parseRequestId(other)).toBeUndefined()
  }
  expect(requestIdNote('number-of-the-wish')).toEqual(signed)
  expect(requestIdNote(undefined)).toEqual({})
})

test('what is carried out goes by the number of what it is carried out for', () => {
  const asked = wished()
  expect(requestIdOf(asked)).toBe('number-of-the-wish')
  const decision: Decision = {
    ...{ decision: 'approve', by: 'grace', at: '', comment: '', generation: 1 },
    ...{ digest: asked.status!.seal!.digest, requestId: 'number-of-the-approval' },
  }
  expect(requestIdOf(withStatus(asked, { decisions: [decision] }))).toBe('number-of-the-approval')

  const simulation = readySimulation()
  const ready = wished(bindingIn(simulation))
  const approval = { ...decision, digest: ready.status!.granted!.digest }
  const moved = {
    ...approval,
    decision: 'move' as const,
    digest: 'other',
    requestId: 'of-the-move',
  }
  const runs = withConditions(
    ready.status?.conditions,
    [{ type: 'Provisioned', status: 'Unknown', reason: 'Running', message: '' }],
    1,
    now,
  )
  const carrying = withStatus(ready, { conditions: runs, decisions: [approval, moved] })
  expect(requestIdOf(carrying), 'of the plan that runs').toBe('number-of-the-approval')
  const moving = { ...ready.status!.granted!, digest: 'other' }
  expect(requestIdOf(withStatus(carrying, { granted: moving }))).toBe('of-the-move')
  const retry = { run: 'again', by: 'henry', at: '', requestId: 'number-of-the-retry' }
  expect(requestIdOf(withStatus(carrying, { retry, run: 'again' }))).toBe('number-of-the-retry')
  expect(requestIdOf(withStatus(carrying, { retry, run: 'other' }))).toBe('number-of-the-approval')
  const end = { ...{ reason: 'Revoked' as const, by: 'grace', at: '', comment: '', generation: 1 } }
  const ending = withStatus(ready, { end: { ...end, requestId: 'number-of-the-end' }, retry })
  expect(requestIdOf(withStatus(ending, { run: 'again' }))).toBe('number-of-the-retry')
  expect(requestIdOf(withStatus(ending, { run: 'other' }))).toBe('number-of-the-end')
  expect(requestIdOf(withStatus(carrying, { decisions: [] }))).toBe('number-of-the-wish')
})

test('an end goes by its own number, and one that nobody asked for by none', () => {
  const simulation = readySimulation()
  play(simulation, { act: 'revoke' })
  const ending = wished(bindingIn(simulation))
  expect(requestIdOf(ending)).toBeUndefined()
  const { end } = ending.status!
  const asked = { ...end!, requestId: 'number-of-the-end' }
  expect(requestIdOf(withStatus(ending, { end: asked }))).toBe('number-of-the-end')
  const proven = { ...asked, provenAt: '2026-11-24T08:00:00Z' }
  expect(requestIdOf(withStatus(ending, { end: proven })), 'over').toBe('number-of-the-wish')
})
