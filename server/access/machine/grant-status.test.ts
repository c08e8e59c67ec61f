import { expect, test } from 'vitest'
import { keptDecisions } from '#server/access/model/kept-decisions.ts'
import type { Decision, Grant } from '#server/access/model/model-binding.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { edit, play } from '#server/testing/access/binding-acts.ts'
import type { Simulation } from '#server/testing/access/binding-simulation.ts'
import { bindingIn, readySimulation, withStatus } from '#server/testing/access/binding-stories.ts'
import { sampleService } from '#server/testing/access/sample-objects.ts'
import { settle } from '#server/testing/access/settle-simulation.ts'
import { beginEnd } from './binding-status.ts'
import { grantOf, moved, usable, withPast } from './grant-status.ts'

const { limits } = sampleService().spec
const later = new Date('2026-12-04T08:00:00Z')

/** Another wish beside a grant in force, sealed. */
function changed(spec: Parameters<typeof edit>[2], simulation = readySimulation()): Simulation {
  play(simulation, { act: 'pass', days: 10 })
  edit(simulation, bindingIn(simulation), spec)
  settle(simulation)
  return simulation
}

const offer = {
  ...{
    strategy: 'ExternalName' as const,
    alias: 'other',
    durationDays: 7,
    ring: 'stable' as const,
  },
  quota: limits.maxQuota,
}

test('what is approved keeps the old term and the old names until its run has made it true', () => {
  const simulation = changed(
    { alias: 'other', renewal: 3, purpose: 'Teaching', justification: 'For the next course.' },
    readySimulation({ limits: { ...limits, graceHours: 24 } }),
  )
  const binding = bindingIn(simulation)
  const before = binding.status!.granted!
  const after = grantOf(binding, { ...offer, graceHours: 12 }, ['grace', 'henry'], later)
  expect(after).toEqual({
    ...offer,
    generation: 2,
    ringUntilProven: undefined,
    ...{ justification: 'For the next course.', purpose: 'Teaching', renewal: 3 },
    digest: binding.status!.seal!.digest,
    ...{ approvedBy: ['grace', 'henry'], approvedAt: '2026-12-04T08:00:00Z' },
    previous: [{ strategy: 'ExternalName', alias: 'vibethinker-gateway' }],
    ...{ usableSince: '2026-11-24T08:00:00Z', termSince: '2026-11-24T08:00:00Z' },
    ...{ expiresAt: '2026-12-24T08:00:00Z', cutAt: '2026-12-25T08:00:00Z' },
    newTerm: true,
    graceHours: 12,
  })
  const same = grantOf(binding, { ...offer, alias: before.alias }, ['grace'], later)
  expect(same.previous, 'the alias stays').toBeUndefined()
  const slice = { ...offer, alias: before.alias, strategy: 'EndpointSlice' as const }
  expect(grantOf(binding, slice, ['grace'], later).previous, 'another kind').toHaveLength(1)
  const failed = { ...before, previous: [{ strategy: 'EndpointSlice' as const, alias: 'first' }] }
  expect(
    grantOf(withStatus(binding, { granted: failed }), offer, ['grace'], later).previous,
    'of a change that never came true as well',
  ).toMatchObject([{ alias: 'vibethinker-gateway' }, { alias: 'first' }])
  const many = Array.from({ length: 20 }, (_, i) => ({ ...failed.previous[0]!, alias: `n${i}` }))
  const full = withStatus(binding, { granted: { ...before, previous: many } })
  expect(grantOf(full, offer, ['grace'], later).previous).toHaveLength(10)
})

test('callers stay on their ring until the run has proven the next', () => {
  const binding = bindingIn(changed({ alias: 'other' }))
  const toCanary = grantOf(binding, { ...offer, ring: 'canary' }, ['grace'], later)
  expect(toCanary).toMatchObject({ ring: 'canary', ringUntilProven: 'stable' })
  const there = moved(binding.status!.granted!, 'canary', 'sha256:x')
  expect(there).toMatchObject({ ring: 'canary', ringUntilProven: 'stable', digest: 'sha256:x' })
  expect(moved(there, 'stable', 'sha256:y').ringUntilProven, 'back').toBeUndefined()
  expect(usable(there, later)?.ringUntilProven).toBeUndefined()
})

test('a run begins a new term where one was approved, and leaves it alone where not', () => {
  const granted = bindingIn(readySimulation()).status!.granted!
  const again = usable({ ...granted, previous: [{ strategy: 'ExternalName', alias: 'x' }] }, later)
  expect(again, 'as after a move or a repair').toEqual(granted)
  const renewed: Grant = { ...granted, newTerm: true, durationDays: 7, graceHours: 24 }
  expect(usable(renewed, later)).toEqual({
    ...granted,
    ...{ durationDays: 7, graceHours: 24 },
    ...{ usableSince: granted.usableSince, termSince: '2026-12-04T08:00:00Z' },
    ...{ expiresAt: '2026-12-11T08:00:00Z', cutAt: '2026-12-12T08:00:00Z' },
  })
  expect(usable(undefined, later)).toBeUndefined()
})

test('a grant that ended is kept with who ended it, and when; another that was replaced', () => {
  const { status } = bindingIn(readySimulation())
  const { granted } = status!
  const kept = { alias: granted!.alias, approvedBy: ['grace'], expiresAt: granted!.expiresAt }
  expect(withPast(status!, later)).toMatchObject([
    { ...kept, until: '2026-12-04T08:00:00Z', why: 'Replaced', by: undefined },
  ])
  const end = {
    ...{ reason: 'Revoked' as const, by: 'henry', at: '2026-12-01T08:00:00Z', comment: 'Misuse.' },
    ...{ generation: 1, provenAt: '2026-12-01T08:00:05Z' },
  }
  expect(withPast({ ...status, end }, later)).toMatchObject([
    {
      ...{ ...kept, until: end.at, why: 'Revoked', by: 'henry', comment: 'Misuse.' },
      provenAt: end.provenAt,
    },
  ])
  const [past] = withPast(status!, later)!
  const history = Array.from({ length: 10 }, (_, generation) => ({ ...past!, generation }))
  const next = withPast({ ...status, history }, later)
  expect(next).toHaveLength(10)
  expect(next?.at(-1)).toMatchObject({ generation: 1, why: 'Replaced' })
  expect(withPast({ history }, later), 'nothing was granted').toBe(history)
})

test('an earlier end is history once something else is taken away', () => {
  const simulation = readySimulation()
  play(simulation, { act: 'revoke' })
  settle(simulation)
  play(simulation, { act: 'change', alias: 'again', slice: false })
  play(simulation, { act: 'delete' })
  const binding = bindingIn(simulation)
  const ending = { reason: 'Deleted' as const, by: 'ada', comment: '', generation: 2 }
  const status = beginEnd(binding, ending, later)
  expect(status.granted).toBeUndefined()
  expect(status.history).toMatchObject([{ why: 'Revoked', by: 'grace' }])
})

test('taking less again and again leaves what the grant rests on, and the status small', () => {
  const simulation = readySimulation()
  const { requestsPerMinute } = bindingIn(simulation).spec.quota
  for (let less = 1; less < requestsPerMinute; less += 1) {
    const quota = {
      ...bindingIn(simulation).spec.quota,
      requestsPerMinute: requestsPerMinute - less,
    }
    edit(simulation, bindingIn(simulation), { quota })
    play(simulation, { act: 'step' })
  }
  const { decisions = [], granted, conditions } = bindingIn(simulation).status!
  expect(granted?.quota.requestsPerMinute).toBe(1)
  const approval = decisions.find(({ decision }) => decision === 'approve')!
  expect(approval.digest).toBe(granted?.digest)
  expect(conditionOf(conditions, 'Ready')?.status).toBe('True')

  const reduce = { ...approval, decision: 'reduce' as const }
  const often = Array.from({ length: 300 }, (): Decision => reduce)
  const denial = { ...approval, decision: 'deny' as const, digest: 'sha256:other' }
  const kept = keptDecisions([approval, denial, ...often], granted)
  expect(kept).toEqual([approval, denial, ...often.slice(200)])
  const move = { ...approval, decision: 'move' as const }
  expect(keptDecisions([approval, move, ...often], granted)[0]).toBe(move)
  expect(keptDecisions([approval, ...often], { ...granted!, digest: 'sha256:x' })).toHaveLength(100)
})
