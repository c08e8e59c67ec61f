import { expect, test } from 'vitest'
import { applyStep, beginEnd } from '#server/access/machine/binding-status.ts'
import { decide } from '#server/access/model/decide.ts'
import type {
  ModelBinding,
  ModelBindingStatus,
  PlannedChange,
} from '#server/access/model/model-binding.ts'
import { sealText } from '#server/access/model/plan.ts'
import { renderPlan } from '#server/access/model/render-plan.ts'
import { withStatus } from '#server/testing/access/binding-stories.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { bindingView } from './binding-view.ts'

const now = new Date('2026-11-24T08:00:00Z')
const service = sampleService()
const may = { approve: true, revoke: true, update: true, delete: true, use: true }
const view = (binding: ModelBinding, user = 'grace') =>
  bindingView(binding, service, { user, may }, now)

function sealed(changes: PlannedChange[] = []): ModelBinding {
  const binding = sampleBinding()
  const plan = sealText(renderPlan(binding, service, 'cluster.local'))
  return {
    ...binding,
    status: applyStep(binding, { step: 'record-seal', run: 'bind-x-1', plan }, now, changes),
  }
}

function approve(binding: ModelBinding, by = 'grace'): ModelBindingStatus {
  const digest = binding.status?.seal?.digest ?? ''
  return decide(
    binding,
    service,
    { decision: 'approve', digest, generation: 1, comment: '' },
    by,
    now,
  )
}

function ready(): ModelBinding {
  const asked = sealed()
  const decided = { ...asked, status: approve(asked) }
  const plan = renderPlan(asked, service, 'x')
  const granted = {
    ...asked,
    status: applyStep(
      decided,
      {
        step: 'record-grant',
        approvers: ['grace'],
        run: 'r',
        plan: sealText(plan),
        grant: plan.grant,
      },
      now,
    ),
  }
  const receipt = {
    run: 'bind-x-1',
    at: now.toISOString(),
    address: 'http://a:1',
    model: 'm',
    firstTokenMs: 9,
  }
  return { ...granted, status: applyStep(granted, { step: 'record-success', receipt }, now) }
}

const revoked = { reason: 'Revoked' as const, by: 'grace', comment: '', generation: 1 }

test('the state follows the story', () => {
  expect(view(sampleBinding()).state).toBe('preparing')
  expect(view(sealed())).toMatchObject({ state: 'requested', pending: true })
  expect(view(ready())).toMatchObject({ state: 'ready', pending: false })
  const ending = { ...ready(), status: beginEnd(ready(), revoked, now) }
  expect(view(ending).state).toBe('ending')
  const ended = { ...ending, status: applyStep(ending, { step: 'record-proof' }, now) }
  expect(view(ended).state).toBe('ended')
})

test('what may be done follows state and rights', () => {
  expect(view(sealed()).can).toEqual(['decide', 'adjust', 'change', 'delete'])
  expect(view(sealed(), 'ada').can, 'not one’s own').toEqual(['change', 'delete'])
  expect(view(ready()).can).toEqual(['move', 'change', 'release', 'revoke', 'use', 'delete'])
  const ended = { ...ready(), status: beginEnd(ready(), revoked, now) }
  expect(view(ended).can).toEqual(['delete'])
  const failure = { at: '', message: '', nextAt: '2026-11-24T08:00:01Z' }
  const failing = withStatus(ended, { end: { ...ended.status.end!, failure } })
  expect(view(failing).can, 'its next attempt need not wait').toEqual(['retry', 'delete'])
  const due = withStatus(failing, {
    end: { ...ended.status.end!, failure: { ...failure, nextAt: '2026-11-24T08:00:00Z' } },
  })
  expect(view(due).can).toEqual(['delete'])
  const none = { approve: false, revoke: false, update: false, delete: false, use: false }
  expect(bindingView(ready(), service, { user: 'x', may: none }, now).can).toEqual([])
})

test('a change beside a grant is pending while the grant stays usable', () => {
  const binding = ready()
  const metadata = { ...binding.metadata, generation: 2 }
  const changed = { ...binding, metadata, spec: { ...binding.spec, durationDays: 60 } }
  expect(view(changed)).toMatchObject({
    state: 'ready',
    pending: true,
    reduction: false,
    changes: [{ field: 'durationDays', from: 30, to: 60, how: 'more' }],
    approval: { required: 1, signed: true, given: [], missing: 1 },
  })
  expect(view(changed).can).toEqual(expect.arrayContaining(['use', 'withdraw']))
  const reduced = { ...binding, metadata, spec: { ...binding.spec, durationDays: 7 } }
  expect(view(reduced)).toMatchObject({ pending: false, reduction: true, approval: undefined })
  const same = { ...binding, metadata }
  expect(view(same)).toMatchObject({ pending: false, reduction: false, changes: [] })
})

test('a decision is refused for a reason that says whose turn it is', () => {
  const asked = sealed()
  expect(() => approve(asked, 'ada')).toThrow('somebody else has to approve')
  const approved = { ...asked, status: approve(asked) }
  expect(() => approve(approved, 'henry')).toThrow('already approved by grace')
  const changed = { ...asked, metadata: { ...asked.metadata, generation: 2 } }
  expect(() => approve(changed)).toThrow('changed after you reviewed it')
  const resealed = structuredClone(asked)
  const input = { decision: 'approve' as const, digest: 'sha256:0', generation: 1, comment: '' }
  expect(() => decide(resealed, service, input, 'grace', now)).toThrow('has changed since')
  expect(() => approve(sampleBinding())).toThrow('not ready yet')
})

test('a plan that meets a foreign object is not approved, but may be denied', () => {
  const target = { apiVersion: 'v1', kind: 'Service', namespace: 'research-team-a', name: 'taken' }
  const asked = sealed([
    { ...target, change: 'conflict', fields: [], message: 'It belongs to somebody.' },
  ])
  expect(() => approve(asked)).toThrow('It belongs to somebody.')
  const digest = asked.status?.seal?.digest ?? ''
  const deny = { decision: 'deny' as const, digest, generation: 1, comment: 'Other alias, please.' }
  const denied = { ...asked, status: decide(asked, service, deny, 'grace', now) }
  expect(view(denied)).toMatchObject({ state: 'denied', pending: false })
  expect(() => approve(denied, 'henry')).toThrow('already denied by grace')
})

test('the timeline tells it in order', () => {
  expect(view(ready()).timeline.map((one) => one.what)).toEqual([
    'requested',
    'sealed',
    'approved',
    'run-started',
    'usable',
  ])
})

test('people are warned when a fifth and when a twentieth of the term is left', () => {
  const at = (days: number) => new Date(now.getTime() + days * 86_400_000)
  const binding = ready()
  const seen = (days: number) =>
    bindingView(binding, service, { user: 'grace', may }, at(days)).term?.warning
  expect([seen(0), seen(23.9), seen(24), seen(28.4), seen(28.5), seen(29.99)]).toEqual([
    undefined,
    undefined,
    20,
    20,
    5,
    5,
  ])
})

test('a later wish is told as the change of whoever asks, and takes nothing from what the grant did', () => {
  const binding = ready()
  const seal = { ...binding.status?.seal, generation: 2, run: 'bind-x-2' }
  const changed = {
    ...binding,
    metadata: { ...binding.metadata, generation: 2 },
    spec: { ...binding.spec, justification: 'The course goes on.' },
    status: { ...binding.status, seal } as ModelBindingStatus,
  }
  const reasons = (one: ModelBinding) =>
    view(one).timeline.flatMap(({ what, comment }) =>
      what === 'requested' || what === 'changed' ? [{ what, comment }] : [],
    )
  const first = { what: 'requested', comment: binding.spec.justification }
  expect(reasons(binding)).toEqual([first])
  expect(reasons(changed)).toEqual([first, { what: 'changed', comment: 'The course goes on.' }])
  const told = view(changed).timeline.map(({ what, by, run }) => ({ what, by, run }))
  expect(told).toContainEqual({ what: 'changed', by: 'ada', run: undefined })
  expect(told).toContainEqual({ what: 'run-started', by: undefined, run: 'bind-x-1' })

  const revoked = { reason: 'Revoked' as const, by: 'grace', comment: '', generation: 2 }
  const ending = { ...changed, status: { ...beginEnd(changed, revoked, now), run: 'unbind-x-2-1' } }
  const after = view(ending).timeline.map(({ what, run }) => ({ what, run }))
  expect(after).toContainEqual({ what: 'run-started', run: 'bind-x-1' })
})
