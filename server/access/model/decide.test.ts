import { expect, test } from 'vitest'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { edit, play } from '#server/testing/access/binding-acts.ts'
import {
  askedSimulation,
  bindingIn,
  readySimulation,
  withStatus,
} from '#server/testing/access/binding-stories.ts'
import { sampleService } from '#server/testing/access/sample-objects.ts'
import { settle } from '#server/testing/access/settle-simulation.ts'
import { approversOf, type DecisionInput, decide, isDecidable, isDenied } from './decide.ts'
import type { End, ModelBinding } from './model-binding.ts'

const now = new Date('2026-11-24T09:00:00Z')
const two = sampleService({ approval: { required: 2, allowSelfApproval: false } })
const asked = () => bindingIn(askedSimulation())

function inputFor(binding: ModelBinding, rest: Partial<DecisionInput> = {}): DecisionInput {
  const { digest = '' } = binding.status?.seal ?? {}
  const { generation = 1 } = binding.metadata
  return { decision: 'approve', digest, generation, comment: '', ...rest }
}

function taken(
  binding: ModelBinding,
  rest: Partial<DecisionInput> = {},
  by = 'grace',
  service = two,
): ModelBinding {
  return withStatus(binding, decide(binding, service, inputFor(binding, rest), by, now))
}

function refusal(
  binding: ModelBinding,
  rest: Partial<DecisionInput> = {},
  by = 'grace',
  service = two,
): unknown {
  try {
    taken(binding, rest, by, service)
  } catch (error) {
    return (error as { details: { key?: string } }).details.key
  }
  return undefined
}

test('a decision is kept whole, with the number of its request', () => {
  const input = { comment: 'For the seminar.', requestId: 'request-of-grace' }
  const { digest } = asked().status?.seal ?? {}
  expect(taken(asked(), input).status?.decisions).toEqual([
    {
      ...{ decision: 'approve', by: 'grace', at: '2026-11-24T09:00:00Z', generation: 1, digest },
      ...input,
    },
  ])
  const denied = taken(asked(), { decision: 'deny', comment: 'Too long.' })
  expect(conditionOf(denied.status?.conditions, 'Denied')).toMatchObject({
    status: 'True',
    message: 'Denied by grace: Too long.',
  })
  // kubectl shows Ready: it does not wait for anybody any more.
  expect(conditionOf(denied.status?.conditions, 'Ready')).toMatchObject({
    status: 'False',
    reason: 'Denied',
    message: 'Denied by grace: Too long.',
  })
  const silent = taken(asked(), { decision: 'deny' })
  expect(conditionOf(silent.status?.conditions, 'Denied')?.message).toBe('Denied by grace.')
})

test('each person decides once, and only what is there to decide', () => {
  const once = taken(asked())
  expect(refusal(once)).toBe('binding.decidedByYou')
  expect(refusal(once, { decision: 'deny' })).toBe('binding.decidedByYou')
  const enough = taken(once, {}, 'henry')
  expect(approversOf(enough)).toEqual(['grace', 'henry'])
  expect(refusal(enough, {}, 'ida')).toBe('binding.decided')

  expect(refusal(asked(), { generation: 2 })).toBe('binding.changed')
  expect(refusal(asked(), { digest: `sha256:${'0'.repeat(64)}` })).toBe('binding.resealed')
  const unsealed = withStatus(asked(), { seal: undefined })
  expect(refusal(unsealed)).toBe('binding.preparing')
  const denied = taken(asked(), { decision: 'deny' })
  expect(refusal(denied, {}, 'henry')).toBe('binding.decided')
  expect(refusal(bindingIn(readySimulation()), {}, 'henry')).toBe('binding.decided')
  expect(refusal({ ...asked(), spec: { ...asked().spec, released: true } })).toBe(
    'binding.nothingToDecide',
  )
})

test('nobody approves what they asked for, unless the service lets them; anybody may deny it', () => {
  expect(refusal(asked(), {}, 'ada')).toBe('binding.selfApproval')
  expect(refusal(asked(), { decision: 'deny' }, 'ada')).toBeUndefined()
  const own = sampleService({ approval: { required: 1, allowSelfApproval: true } })
  expect(refusal(asked(), {}, 'ada', own)).toBeUndefined()
})

test('what is in the way, or more than the service still allows, is not approved, but can be denied', () => {
  const simulation = askedSimulation()
  play(simulation, { act: 'take-name', alias: bindingIn(simulation).spec.alias })
  settle(simulation)
  expect(refusal(bindingIn(simulation))).toBe('binding.planConflict')
  expect(refusal(bindingIn(simulation), { decision: 'deny' })).toBeUndefined()

  const { limits } = two.spec
  const smaller = sampleService({ limits: { ...limits, maxDurationDays: 7 } })
  expect(() => taken(asked(), {}, 'grace', smaller)).toThrow('Some fields are not right.')
  expect(refusal(asked(), { decision: 'deny' }, 'grace', smaller)).toBeUndefined()
})

test('approvals are of one plan, and count people', () => {
  const once = taken(asked())
  const [approval] = once.status?.decisions ?? []
  const other = { ...approval!, by: 'henry' }
  const with_ = (...more: (typeof other)[]) =>
    approversOf(withStatus(once, { decisions: [approval!, ...more] }))
  expect(with_({ ...other, digest: `sha256:${'0'.repeat(64)}` })).toEqual(['grace'])
  expect(with_({ ...other, generation: 2 })).toEqual(['grace'])
  expect(with_({ ...other, decision: 'deny' })).toEqual(['grace'])
  expect(with_(approval!)).toEqual(['grace'])
  expect(with_(other)).toEqual(['grace', 'henry'])
  expect(approversOf(withStatus(once, { seal: undefined }))).toEqual([])
})

test('a denial is of one wish: another is decided anew', () => {
  const simulation = askedSimulation()
  play(simulation, { act: 'deny' })
  settle(simulation)
  expect(isDenied(bindingIn(simulation))).toBe(true)
  edit(simulation, bindingIn(simulation), { durationDays: 7 })
  expect(isDenied(bindingIn(simulation))).toBe(false)
  expect(isDecidable(bindingIn(simulation)), 'its plan is not sealed yet').toBe(false)
  settle(simulation)
  expect(isDecidable(bindingIn(simulation))).toBe(true)
})

test('nothing that goes away, or that an end is for, can be decided', () => {
  const binding = asked()
  const end: End = {
    ...{ reason: 'Revoked', by: 'grace', at: '2026-11-24T08:30:00Z', comment: '' },
    generation: 1,
    provenAt: '2026-11-24T08:30:01Z',
  }
  expect(isDecidable(binding)).toBe(true)
  const later = { ...binding.metadata, generation: 2 }
  const again = { ...binding, metadata: later }
  const seal = { ...binding.status!.seal!, generation: 2 }
  expect(isDecidable(withStatus(again, { seal, end })), 'asked after that end').toBe(true)
  expect(isDecidable(withStatus(binding, { end }))).toBe(false)
  expect(isDecidable(withStatus(again, { seal, end: { ...end, provenAt: undefined } }))).toBe(false)
  const deletionTimestamp = '2026-11-24T08:30:00Z'
  expect(isDecidable({ ...binding, metadata: { ...binding.metadata, deletionTimestamp } })).toBe(
    false,
  )
  expect(isDecidable({ ...binding, spec: { ...binding.spec, released: true } })).toBe(false)
})
