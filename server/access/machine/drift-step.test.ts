import fc from 'fast-check'
import { expect, test } from 'vitest'
import { timestamp, withConditions } from '#server/access/model/conditions.ts'
import { attemptsKept } from '#server/access/model/end-backoff.ts'
import type { ModelBinding, PlannedChange } from '#server/access/model/model-binding.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { driftStatusAfter } from './drift-status.ts'
import { type DriftStep, isDrifted, planDriftStep } from './drift-step.ts'

const plan = { text: '{}', digest: `sha256:${'a'.repeat(64)}` }
const start = Date.parse('2026-11-26T10:00:00Z')

/** A binding that is kept, one object of it that people edit, and the runs that put it back. */
type Simulation = {
  nowMs: number
  binding: ModelBinding
  mode: 'Repair' | 'Report'
  edited: PlannedChange | undefined
  runs: TaskRun[]
  /** Nothing holds the approved plan. */
  planLost?: boolean
  /** Runs that were ever made. */
  made: number
}

const edit: PlannedChange = {
  apiVersion: 'v1',
  kind: 'Service',
  namespace: 'research-team-a',
  name: 'vibethinker-gateway',
  change: 'update',
  fields: [{ path: 'spec.externalName', live: 'evil.example.com', planned: 'x' }],
}

function kept(): ModelBinding {
  const binding = sampleBinding()
  const now = new Date(start)
  const fine = { status: 'True' as const, reason: 'X', message: '' }
  const changes = (['Ready', 'Provisioned'] as const).map((type) => ({ type, ...fine }))
  const { strategy, alias, durationDays, quota } = binding.spec
  return {
    ...binding,
    status: {
      conditions: withConditions(undefined, changes, 1, now),
      granted: {
        generation: 1,
        strategy,
        alias,
        durationDays,
        quota,
        ring: 'stable',
        digest: plan.digest,
        approvedBy: ['grace'],
        approvedAt: timestamp(now),
        usableSince: timestamp(now),
        expiresAt: '2999-01-01T00:00:00Z',
      },
    },
  }
}

function simulation(mode: Simulation['mode'] = 'Repair'): Simulation {
  return { nowMs: start, binding: kept(), mode, edited: undefined, runs: [], made: 0 }
}

/** One step from what is; with `crash` it is lost after it was decided. */
function step(world: Simulation, crash = false): DriftStep {
  const now = new Date(world.nowMs)
  const changes = world.edited ? [world.edited] : []
  const service = sampleService({ drift: world.mode })
  const { binding, runs } = world
  const known = world.planLost ? undefined : plan
  const taken = planDriftStep(
    structuredClone({ now, binding, service, changes, plan: known, runs }),
  )
  if (crash || taken.step === 'wait') return taken
  if (taken.step === 'create-repair-run') {
    expect(world.mode, 'a report changes nothing').toBe('Repair')
    expect(runs.map((run) => run.metadata.name)).not.toContain(taken.name)
    const creationTimestamp = timestamp(now)
    const metadata = { name: taken.name, namespace: 'model-serving-prod', creationTimestamp }
    world.runs.push({ apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata, spec: {} })
    const open = world.runs.filter((run) => !run.status)
    expect(open.length, 'one run at a time').toBe(1)
    world.made += 1
  } else if (taken.step === 'discard-run') {
    const { name } = taken.run.metadata
    world.runs = world.runs.filter(({ metadata }) => metadata.name !== name)
  } else if (taken.step !== 'restore-right' && taken.step !== 'remove-slice') {
    world.binding = { ...binding, status: driftStatusAfter(binding, taken, now) }
  }
  return taken
}

function finish(world: Simulation, well: boolean): void {
  const run = world.runs.find((one) => !one.status)
  if (!run) return
  if (well && world.edited?.change !== 'conflict') world.edited = undefined
  const status = well ? ('True' as const) : ('False' as const)
  run.status = { conditions: [{ type: 'Succeeded', status, reason: 'X', message: '' }] }
}

function settle(world: Simulation): void {
  for (let count = 0; count < 200; count += 1) {
    finish(world, true)
    const taken = step(world)
    if (taken.step !== 'wait') continue
    if (!taken.until) return
    world.nowMs = Math.max(world.nowMs + 1, taken.until.getTime())
  }
  throw new Error('It does not come to rest.')
}

const action = fc.oneof(
  { weight: 5, arbitrary: fc.constant('step' as const) },
  ...(['crash', 'edit', 'undo', 'run-ends', 'run-fails', 'minute', 'hour'] as const).map((one) => ({
    weight: 1,
    arbitrary: fc.constant(one),
  })),
)

test('whatever is edited in whatever order, it is put back once nobody edits any more', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const world = simulation()
      for (const one of actions) {
        if (one === 'edit') world.edited = edit
        else if (one === 'undo') world.edited = undefined
        else if (one === 'run-ends' || one === 'run-fails') finish(world, one === 'run-ends')
        else if (one === 'minute') world.nowMs += 60_000
        else if (one === 'hour') world.nowMs += 3_600_000
        else step(world, one === 'crash')
      }
      settle(world)
      expect(world.edited).toBeUndefined()
      expect(isDrifted(world.binding)).toBe(false)
      expect(world.binding.status?.drift?.changes ?? []).toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('who fights it is answered less and less often, and the condition says so', () => {
  const world = simulation()
  const end = start + 3_600_000
  while (world.nowMs < end) {
    world.edited = edit
    const taken = step(world)
    finish(world, true)
    if (taken.step === 'wait') {
      world.edited = edit
      world.nowMs = Math.max(world.nowMs + 500, taken.until?.getTime() ?? 0)
    }
  }
  expect(world.made).toBeGreaterThan(5)
  expect(world.made).toBeLessThan(15)
  expect(world.runs.length, 'the last few are kept').toBe(attemptsKept)
  expect(world.runs.at(-1)?.metadata.name).toBe(world.binding.status?.drift?.run)
  const told = world.binding.status?.conditions?.find((one) => one.type === 'Drifted')
  expect(told).toMatchObject({ status: 'True', reason: 'Contested' })
  expect(told?.message).toContain('spec.externalName is evil.example.com')

  // Left in peace for long enough, the next edit is put back at once.
  settle(world)
  world.nowMs += 3_600_000
  world.edited = edit
  step(world)
  expect([step(world).step, step(world).step]).toEqual(['discard-run', 'create-repair-run'])
})

test('an open policy is put back at once, whatever else is being put back or waits for its time', () => {
  const world = simulation()
  world.edited = edit
  // Four repairs of the alias: the fifth waits for more than a minute.
  const contest = () => {
    world.edited = edit
    let taken = step(world)
    while (taken.step !== 'wait') {
      finish(world, true)
      world.edited = edit
      taken = step(world)
    }
    return taken.until
  }
  for (let count = 0; count < 4; count += 1) world.nowMs = contest()?.getTime() ?? world.nowMs
  expect((contest()?.getTime() ?? 0) - world.nowMs).toBeGreaterThan(60_000)

  const open: PlannedChange = {
    ...edit,
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    namespace: 'model-serving-prod',
    name: 'bind-x',
    fields: [{ path: 'spec.ingress', live: '[{}]', planned: '[…]' }],
  }
  for (let count = 0; count < 5; count += 1) {
    world.edited = open
    const at = world.nowMs
    const made = world.made
    while (world.made === made) expect(step(world).step).not.toBe('wait')
    expect(step(world).step).toBe('record-repair')
    expect(world.nowMs).toBe(at)
    finish(world, true)
    settle(world)
    world.nowMs = at + 1000
  }
  const told = world.binding.status?.drift?.objects
  expect(told).toContainEqual(expect.objectContaining({ kind: 'NetworkPolicy', name: 'bind-x' }))
})

test('a policy that is opened while a run is at work is waited for only until that run has applied', () => {
  const world = simulation()
  const open: PlannedChange = { ...edit, kind: 'NetworkPolicy', name: 'bind-x' }
  world.edited = open
  while (world.made === 0) step(world)
  step(world)
  expect(step(world)).toMatchObject({ step: 'wait' })
  const run = world.runs.at(-1)
  if (!run) throw new Error('There is no run.')
  const terminated = { exitCode: 0 }
  const conditions = [
    { type: 'Succeeded', status: 'Unknown' as const, reason: 'Running', message: '' },
  ]
  run.status = { conditions, steps: [{ name: 'apply-plan', container: 'a', terminated }] }
  expect(step(world)).toMatchObject({ step: 'create-repair-run' })
})

test('what cannot be compared is said, by name, and is no drift', () => {
  const world = simulation()
  const message = 'Service a/b cannot be compared with what was approved: no.'
  world.edited = { ...edit, change: 'unknown', fields: [], message }
  expect(step(world)).toMatchObject({ step: 'record-drift', reason: 'NotCompared', message })
  const told = () => world.binding.status?.conditions?.find((one) => one.type === 'Drifted')
  expect(told()).toMatchObject({ status: 'Unknown', reason: 'NotCompared' })
  expect(step(world)).toMatchObject({ step: 'wait', until: expect.any(Date) })
  world.edited = undefined
  expect(step(world)).toEqual({ step: 'record-settled', reason: 'Compared' })
})

test('a slice of others goes after the Service that may have made it', () => {
  const world = simulation()
  const slice: PlannedChange = { ...edit, kind: 'EndpointSlice', name: 'x-1', change: 'delete' }
  world.edited = slice
  expect(step(world)).toMatchObject({ step: 'record-drift', reason: 'Drifted' })
  expect(step(world)).toEqual({ step: 'remove-slice', change: slice })
})

test('what is only reported, what is foreign, and what has ended is left alone', () => {
  const reported = simulation('Report')
  reported.edited = edit
  expect(step(reported)).toMatchObject({ step: 'record-drift', reason: 'Reported' })
  expect(step(reported)).toEqual({ step: 'wait' })

  const foreign = simulation()
  foreign.edited = { ...edit, change: 'conflict', fields: [], message: 'Not ours.' }
  expect(step(foreign)).toMatchObject({ reason: 'Foreign', message: 'Not ours.' })
  expect(step(foreign)).toMatchObject({ step: 'wait', until: expect.any(Date) })

  const ended = simulation()
  ended.edited = edit
  step(ended)
  ended.binding = { ...ended.binding, spec: { ...ended.binding.spec, released: true } }
  expect(step(ended)).toEqual({ step: 'record-settled', reason: 'Ended' })
  expect(step(ended)).toEqual({ step: 'wait' })
})

test('what cannot be compared is said to be unknown, not in order, until it can be', () => {
  const world = simulation()
  const told = () => world.binding.status?.conditions?.find((one) => one.type === 'Drifted')
  world.planLost = true
  expect(step(world)).toEqual({ step: 'record-uncompared' })
  expect(told()).toMatchObject({ status: 'Unknown', reason: 'PlanLost' })
  expect(step(world)).toEqual({ step: 'wait' })
  // Also where it was drifted before: that it is put back is not known.
  const drifted = simulation()
  drifted.edited = edit
  step(drifted)
  drifted.planLost = true
  drifted.edited = undefined
  expect(step(drifted)).toEqual({ step: 'record-uncompared' })
  expect(drifted.binding.status?.drift?.changes).toEqual([])

  world.planLost = false
  expect(step(world)).toEqual({ step: 'record-settled', reason: 'Compared' })
  expect(told()).toMatchObject({ status: 'False' })
  world.planLost = true
  step(world)
  world.binding = { ...world.binding, spec: { ...world.binding.spec, released: true } }
  expect(step(world)).toEqual({ step: 'record-settled', reason: 'Ended' })
})
