import fc from 'fast-check'
import { expect, test } from 'vitest'
import { autoApprover } from '#server/platform/model/names.ts'
import { type Act, play, startSimulation } from '#server/testing/access/binding-acts.ts'
import { leftovers, violations } from '#server/testing/access/binding-invariants.ts'
import { type Simulation, worldOf } from '#server/testing/access/binding-simulation.ts'
import { sampleService } from '#server/testing/access/sample-objects.ts'
import { settle } from '#server/testing/access/settle-simulation.ts'
import type { BindingSnapshot } from './binding-step.ts'
import { bindRunAtWork } from './sealed-runs.ts'

/** More of them, for a long hunt: BINDING_HUNT=20000 npx vitest run … */
const numRuns = Number(process.env.BINDING_HUNT ?? 60)

const often = (...acts: Act[]) => fc.constantFrom(...acts)
const days = fc.integer({ min: 1, max: 40 })

const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 36, arbitrary: often({ act: 'step' }) },
  { weight: 24, arbitrary: often({ act: 'steps' }) },
  {
    weight: 12,
    arbitrary: often({ act: 'step-from-old' }, { act: 'step-from-mixed' }, { act: 'lost-step' }),
  },
  {
    weight: 18,
    arbitrary: often(
      { act: 'approve' },
      { act: 'approve', by: 'henry' },
      { act: 'approve', by: 'ada' },
      { act: 'retry' },
    ),
  },
  {
    weight: 6,
    arbitrary: often({ act: 'deny' }, { act: 'revoke' }, { act: 'withdraw' }, { act: 'lose-run' }),
  },
  { weight: 3, arbitrary: often({ act: 'release' }, { act: 'delete' }, { act: 'edit-service' }) },
  {
    weight: 3,
    arbitrary: often(
      { act: 'lose-service' },
      { act: 'restore-service' },
      { act: 'restore-serving' },
    ),
  },
  { weight: 1, arbitrary: often({ act: 'terminate-namespace' }, { act: 'lose-serving' }) },
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant('change' as const),
      alias: fc.constantFrom('one', 'two', 'three'),
      slice: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant('ask' as const),
      days,
      concurrency: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('offer' as const), days, canary: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('move' as const), canary: fc.boolean() }) },
  { weight: 18, arbitrary: fc.record({ act: fc.constant('finish' as const), well: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constantFrom('take-name' as const, 'free-name' as const),
      alias: fc.constantFrom('one', 'two', 'three'),
    }),
  },
  {
    weight: 3,
    // The clock may also be found to be behind.
    arbitrary: fc.record({
      act: fc.constant('pass' as const),
      days: fc.integer({ min: -1, max: 40 }),
    }),
  },
)

const approval = fc.constantFrom(
  { required: 1, allowSelfApproval: false },
  { required: 2, allowSelfApproval: false },
  {
    required: 1,
    allowSelfApproval: false,
    auto: {
      maxDurationDays: 10,
      maxQuota: { requestsPerMinute: 60, tokensPerDay: 2_000_000, concurrency: 2 },
    },
  },
)

const history = fc.array(acts, { maxLength: 80, size: 'max' })

test('whatever happens in whatever order, access rests on a decision, and ends as it should', () => {
  fc.assert(
    fc.property(approval, fc.boolean(), history, (rules, signed, list) => {
      const simulation = startSimulation({ signed })
      const engines = {
        stable: { service: 'vibethinker-app', port: 8000 },
        canary: { service: 'vibethinker-next', port: 8000 },
      }
      simulation.service = sampleService({ approval: rules, engines })
      const seen: BindingSnapshot[] = []
      for (const act of list) {
        const world = worldOf(simulation)
        if (world) seen.push(world)
        const step = play(simulation, act, seen)
        if (act.act === 'step' && step?.step === 'create-unbind-run') {
          expect(bindRunAtWork(simulation), 'nothing puts back what is taken away').toBeUndefined()
        }
        assertSafe(simulation)
        assertFourEyes(simulation, signed)
      }
      settle(simulation, () => assertSafe(simulation))
      expect(leftovers(simulation)).toEqual([])
      assertDeletable(simulation)
    }),
    { numRuns },
  )
})

/** Ada asks, also where nobody knows that it was her: as many as the rules say have approved beside her. */
function assertFourEyes({ binding, service }: Simulation, signed: boolean): void {
  const { approvedBy } = binding?.status?.granted ?? {}
  if (!approvedBy || !service || approvedBy.includes(autoApprover)) return
  const others = approvedBy.filter((one) => one !== 'ada')
  expect(others.length, 'others than who asked').toBeGreaterThanOrEqual(
    service.spec.approval.required,
  )
  if (signed) expect(others).toEqual(approvedBy)
}

/** Whatever became of it: once it is deleted, it goes, and nothing is left of it. */
function assertDeletable(simulation: Simulation): void {
  play(simulation, { act: 'delete' })
  settle(simulation, () => assertSafe(simulation))
  expect(simulation.binding, 'it is gone').toBeUndefined()
  expect([simulation.rights.size, simulation.aliases.size, simulation.policy]).toEqual([
    0,
    0,
    false,
  ])
}

function assertSafe(simulation: Simulation): void {
  const found = violations(simulation)
  if (found.length > 0) throw new Error(found.join('; '))
}
