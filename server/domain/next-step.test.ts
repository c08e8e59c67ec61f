import fc from 'fast-check'
import { expect, test } from 'vitest'
import { askMove, offerTerms } from './approver-terms.ts'
import { finishRun, perform, type Simulation, worldOf, write } from './binding-simulation.ts'
import { beginEnd, retryStatus } from './binding-status.ts'
import type { BindingWorld } from './binding-step.ts'
import { decide, isDecidable } from './decide.ts'
import { grantInForce } from './grant-in-force.ts'
import { conditionOf } from './kubernetes.ts'
import type { ModelBinding } from './model-binding.ts'
import { taskNames } from './names.ts'
import { paramOf, runResult } from './run-result.ts'
import { sampleBinding, sampleService } from './sample-objects.ts'
import type { TaskRun } from './task-run.ts'

const dayMs = 86_400_000

type Act =
  | {
      act:
        | 'step'
        | 'steps'
        | 'step-from-old'
        | 'deny'
        | 'revoke'
        | 'release'
        | 'delete'
        | 'retry'
        | 'edit-service'
    }
  | { act: 'approve'; by?: string }
  | { act: 'change'; alias: string; slice: boolean }
  | { act: 'finish'; well: boolean }
  | { act: 'lose-run' }
  | { act: 'pass'; days: number }

const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 10, arbitrary: fc.constant<Act>({ act: 'step' }) },
  { weight: 6, arbitrary: fc.constant<Act>({ act: 'steps' }) },
  { weight: 3, arbitrary: fc.constant<Act>({ act: 'step-from-old' }) },
  { weight: 4, arbitrary: fc.constantFrom<Act>({ act: 'approve' }, { act: 'retry' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Act>(
      { act: 'deny' },
      { act: 'revoke' },
      { act: 'release' },
      { act: 'delete' },
      { act: 'edit-service' },
      { act: 'lose-run' },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('change' as const),
      alias: fc.constantFrom('one', 'two', 'three'),
      slice: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ act: fc.constant('finish' as const), well: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('pass' as const),
      days: fc.integer({ min: 0, max: 40 }),
    }),
  },
)

function start(): Simulation {
  return {
    now: new Date('2026-11-24T08:00:00Z'),
    binding: sampleBinding(),
    service: sampleService(),
    runs: new Map(),
    rights: new Set(),
    aliases: new Set(),
    policy: false,
  }
}

test('whatever happens in whatever order, nothing unapproved runs, and it ends as it should', () => {
  fc.assert(
    fc.property(fc.array(acts, { maxLength: 80, size: 'max' }), (list) => {
      const simulation = start()
      const seen: BindingWorld[] = []
      for (const act of list) {
        const world = worldOf(simulation)
        if (world) seen.push(world)
        play(simulation, act, seen)
        assertSafe(simulation)
      }
      settle(simulation)
      assertSettled(simulation)
    }),
    { numRuns: 120 },
  )
})

test('the plain story takes it from the request to access, and back to nothing', () => {
  const simulation = start()
  settle(simulation)
  expect(conditionOf(simulation.binding?.status?.conditions, 'Ready')?.reason).toBe(
    'AwaitingApproval',
  )
  play(simulation, { act: 'approve' }, [])
  settle(simulation)
  expect(conditionOf(simulation.binding?.status?.conditions, 'Ready')?.status).toBe('True')
  expect(simulation.aliases).toEqual(new Set(['vibethinker-gateway']))

  play(simulation, { act: 'pass', days: 31 }, [])
  settle(simulation)
  expect(simulation.binding?.status?.end?.reason).toBe('Expired')
  expect(simulation.binding?.status?.end?.provenAt).toBeDefined()
  expect(simulation.aliases.size).toBe(0)

  play(simulation, { act: 'change', alias: 'again', slice: true }, [])
  settle(simulation)
  play(simulation, { act: 'approve' }, [])
  settle(simulation)
  expect(simulation.aliases).toEqual(new Set(['again']))
  expect(simulation.binding?.status?.end).toBeUndefined()

  play(simulation, { act: 'delete' }, [])
  settle(simulation)
  expect(simulation.binding).toBeUndefined()
  expect(simulation.rights.size).toBe(0)
  expect(simulation.policy).toBe(false)
})

test('a failed change keeps what worked, and a retry needs no new decision', () => {
  const simulation = start()
  settle(simulation)
  play(simulation, { act: 'approve' }, [])
  settle(simulation)
  play(simulation, { act: 'change', alias: 'other', slice: false }, [])
  settle(simulation)
  play(simulation, { act: 'approve' }, [])
  for (let i = 0; i < 5; i += 1) play(simulation, { act: 'step' }, [])
  play(simulation, { act: 'finish', well: false }, [])
  settle(simulation)
  const { conditions } = simulation.binding?.status ?? {}
  expect(conditionOf(conditions, 'Provisioned')).toMatchObject({
    status: 'False',
    reason: 'RunFailed',
  })
  expect(conditionOf(conditions, 'Ready')?.status).toBe('True')
  play(simulation, { act: 'retry' }, [])
  settle(simulation)
  expect(simulation.aliases).toEqual(new Set(['other']))
  expect(conditionOf(simulation.binding?.status?.conditions, 'Provisioned')?.status).toBe('True')
})

test('access that ends while it is being set up cancels the run first', () => {
  const simulation = start()
  settle(simulation)
  play(simulation, { act: 'approve' }, [])
  play(simulation, { act: 'steps' }, [])
  play(simulation, { act: 'revoke' }, [])
  play(simulation, { act: 'steps' }, [])
  expect([...simulation.runs.values()].map((run) => run.spec.status)).toEqual(['TaskRunCancelled'])
  settle(simulation)
  expect(simulation.binding?.status?.end?.provenAt).toBeDefined()
  expect(simulation.runs.size).toBe(2)
})

test('what exceeds the limits of its service is told so and never sealed', () => {
  const simulation = start()
  simulation.binding = sampleBinding({ durationDays: 181 })
  settle(simulation)
  expect(conditionOf(simulation.binding?.status?.conditions, 'Ready')?.reason).toBe('AboveLimits')
  expect(simulation.runs.size).toBe(0)
})

test('what a service approves by itself needs nobody', () => {
  const simulation = start()
  const { limits } = simulation.service.spec
  const auto = { maxDurationDays: 30, maxQuota: limits.maxQuota }
  simulation.service = sampleService({ approval: { required: 1, allowSelfApproval: false, auto } })
  settle(simulation)
  expect(simulation.binding?.status?.granted?.approvedBy).toEqual(['bindery:auto'])
  expect(conditionOf(simulation.binding?.status?.conditions, 'Ready')?.status).toBe('True')
})

test('less than is granted takes effect at once, without a run and with a record of who took it', () => {
  const simulation = ready()
  const before = simulation.runs.size
  const quota = { requestsPerMinute: 10, tokensPerDay: 2_000_000, concurrency: 1 }
  edit(simulation, { durationDays: 10, quota })
  settle(simulation)
  const { granted, decisions } = simulation.binding?.status ?? {}
  expect(granted).toMatchObject({ generation: 2, durationDays: 10, quota })
  expect(granted?.expiresAt).toBe('2026-12-04T08:00:00Z')
  expect(decisions?.at(-1)).toMatchObject({ decision: 'reduce', by: 'ada', generation: 2 })
  expect(simulation.runs.size).toBe(before)
  expect(conditionOf(simulation.binding?.status?.conditions, 'Ready')?.status).toBe('True')
})

test('shortening to a time that has passed is a request like any other, and cuts nobody', () => {
  const simulation = ready()
  play(simulation, { act: 'pass', days: 20 }, [])
  edit(simulation, { durationDays: 10 })
  settle(simulation)
  expect(simulation.binding?.status?.granted?.durationDays).toBe(30)
  expect(simulation.binding?.status?.seal?.generation).toBe(2)
})

test('a change that is taken back leaves no sealed run, and nothing to decide', () => {
  const simulation = ready()
  edit(simulation, { durationDays: 90 })
  settle(simulation)
  expect(pendingRuns(simulation)).toHaveLength(1)
  edit(simulation, { durationDays: 30 })
  settle(simulation)
  expect(pendingRuns(simulation)).toEqual([])
  expect(simulation.binding?.status?.granted?.generation).toBe(3)
  expect(isDecidable(simulation.binding ?? sampleBinding())).toBe(false)
})

test('an extension begins a new term once its run has succeeded, and keeps the old grant as history', () => {
  const simulation = ready()
  play(simulation, { act: 'pass', days: 20 }, [])
  edit(simulation, { renewal: 1 })
  settle(simulation)
  expect(simulation.binding?.status?.granted?.expiresAt).toBe('2026-12-24T08:00:00Z')
  play(simulation, { act: 'approve' }, [])
  settle(simulation)
  const { granted, history } = simulation.binding?.status ?? {}
  expect(granted).toMatchObject({ renewal: 1, expiresAt: '2027-01-13T08:00:00Z' })
  expect(history).toMatchObject([{ generation: 1, why: 'Replaced' }])
})

test('what an approver offers in place of what was asked is sealed anew, approved and granted', () => {
  const simulation = start()
  settle(simulation)
  const asked = simulation.binding?.status?.seal?.digest
  const offer = { generation: 1, durationDays: 7, ring: 'canary' as const, comment: 'To begin.' }
  const withCanary = { ...sampleService().spec.engines, canary: { service: 'c', port: 8000 } }
  simulation.service = sampleService({ engines: withCanary })
  const { binding, service, now } = simulation
  expect(() => offerTerms(binding!, service, offer, 'ada', now)).toThrow('somebody else')
  const more = { ...offer, durationDays: 31 }
  expect(() => offerTerms(binding!, service, more, 'grace', now)).toThrow('more than they asked')
  write(simulation, { ...binding!, status: offerTerms(binding!, service, offer, 'grace', now) })
  settle(simulation)
  expect(simulation.binding?.status?.seal?.digest).not.toBe(asked)
  play(simulation, { act: 'approve' }, [])
  settle(simulation)
  const { granted, terms } = simulation.binding?.status ?? {}
  expect(granted).toMatchObject({ durationDays: 7, ring: 'canary', generation: 1 })
  expect(terms).toBeUndefined()
})

test('a move to another ring is a run of the same objects; callers follow once it has succeeded', () => {
  const simulation = ready()
  const engines = { ...sampleService().spec.engines, canary: { service: 'c', port: 8000 } }
  simulation.service = sampleService({ engines })
  const term = simulation.binding?.status?.granted?.expiresAt
  const { binding, service, now } = simulation
  const body = { ring: 'canary' as const, comment: 'Try it.' }
  write(simulation, { ...binding!, status: askMove(binding!, service, body, 'grace', now) })
  for (let i = 0; i < 3; i += 1) play(simulation, { act: 'step' }, [])
  const moving = simulation.binding?.status
  expect(moving?.granted).toMatchObject({ ring: 'canary', ringUntilProven: 'stable' })
  expect(moving?.decisions?.at(-1)).toMatchObject({
    decision: 'move',
    by: 'grace',
    digest: moving?.granted?.digest,
  })
  settle(simulation)
  const { granted } = simulation.binding?.status ?? {}
  expect(granted).toMatchObject({ ring: 'canary', expiresAt: term })
  expect(granted?.ringUntilProven).toBeUndefined()
})

test('two approvals of different people are needed where the service says two', () => {
  const simulation = start()
  const approval = { required: 2, allowSelfApproval: false }
  simulation.service = sampleService({ approval })
  settle(simulation)
  play(simulation, { act: 'approve' }, [])
  play(simulation, { act: 'approve' }, [])
  settle(simulation)
  expect(simulation.binding?.status?.granted).toBeUndefined()
  play(simulation, { act: 'approve', by: 'henry' }, [])
  settle(simulation)
  expect(simulation.binding?.status?.granted?.approvedBy).toEqual(['grace', 'henry'])
})

test('access goes on for the grace period, and is cut at its end', () => {
  const simulation = start()
  simulation.service = sampleService({
    limits: { ...sampleService().spec.limits, graceHours: 24 },
  })
  settle(simulation)
  play(simulation, { act: 'approve' }, [])
  settle(simulation)
  play(simulation, { act: 'pass', days: 30 }, [])
  settle(simulation)
  expect('grant' in grantInForce(simulation.binding!, simulation.now)).toBe(true)
  play(simulation, { act: 'pass', days: 1 }, [])
  settle(simulation)
  expect(simulation.binding?.status?.end?.reason).toBe('Expired')
})

function ready(): Simulation {
  const simulation = start()
  settle(simulation)
  play(simulation, { act: 'approve' }, [])
  settle(simulation)
  return simulation
}

function edit(simulation: Simulation, spec: Partial<ModelBinding['spec']>): void {
  const { binding } = simulation
  if (binding) write(simulation, { ...binding, spec: { ...binding.spec, ...spec } })
}

function pendingRuns({ runs }: Simulation): TaskRun[] {
  return [...runs.values()].filter((run) => run.spec.status === 'TaskRunPending')
}

function play(simulation: Simulation, act: Act, seen: BindingWorld[]): void {
  const { binding, service, now } = simulation
  const world = worldOf(simulation)
  if (!binding || !world) return
  const { generation = 1 } = binding.metadata
  const status = () => binding.status ?? {}
  switch (act.act) {
    case 'steps':
      for (let i = 0; i < 8; i += 1) play(simulation, { act: 'step' }, seen)
      return
    case 'step': {
      const step = perform(simulation, world)
      if (step.step !== 'create-unbind-run') return
      const working = [...simulation.runs.values()].filter(isBindRunAtWork)
      expect(working, 'nothing puts back what is being taken away').toEqual([])
      return
    }
    case 'step-from-old':
      perform(simulation, seen.at(-4) ?? world)
      return
    case 'approve':
    case 'deny': {
      const by = act.act === 'approve' ? (act.by ?? 'grace') : 'grace'
      const input = {
        decision: act.act,
        digest: status().seal?.digest ?? '',
        generation,
        comment: '',
      }
      const decided = attempt(() => decide(binding, service, input, by, now))
      if (decided) write(simulation, { ...binding, status: decided })
      return
    }
    case 'revoke': {
      if (status().end && !status().end?.provenAt) return
      const end = { reason: 'Revoked' as const, by: 'grace', comment: '', generation }
      write(simulation, { ...binding, status: beginEnd(binding, end, now) })
      return
    }
    case 'retry': {
      const provisioned = conditionOf(status().conditions, 'Provisioned')
      if (provisioned?.reason !== 'RunFailed') return
      write(simulation, { ...binding, status: retryStatus(binding, status().run ?? '', now) })
      return
    }
    case 'release':
      write(simulation, { ...binding, spec: { ...binding.spec, released: true } })
      return
    case 'delete':
      if (binding.metadata.deletionTimestamp) return
      if (!binding.metadata.finalizers?.length) simulation.binding = undefined
      else
        write(simulation, {
          ...binding,
          metadata: { ...binding.metadata, deletionTimestamp: now.toISOString() },
        })
      return
    case 'change': {
      const strategy = act.slice ? 'EndpointSlice' : 'ExternalName'
      if (!binding.spec.released) {
        write(simulation, { ...binding, spec: { ...binding.spec, alias: act.alias, strategy } })
      }
      return
    }
    case 'edit-service': {
      const { port } = service.spec.service
      simulation.service = sampleService({ service: { ...service.spec.service, port: port + 1 } })
      return
    }
    case 'finish':
      for (const name of simulation.runs.keys()) finishRun(simulation, name, act.well)
      return
    case 'lose-run':
      for (const name of [...simulation.runs.keys()].slice(0, 1)) simulation.runs.delete(name)
      return
    case 'pass':
      simulation.now = new Date(now.getTime() + act.days * dayMs)
  }
}

function isBindRunAtWork(run: TaskRun): boolean {
  const { state } = runResult(run)
  const open = state === 'pending' || state === 'running'
  return open && run.spec.taskRef?.name === taskNames.bind && run.spec.status !== 'TaskRunPending'
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}

/** Steps and runs go on until nothing is left to do; more than this many steps would be a circle. */
function settle(simulation: Simulation): void {
  for (let i = 0; i < 200; i += 1) {
    const world = worldOf(simulation)
    if (!world) return
    const step = perform(simulation, world)
    assertSafe(simulation)
    if (step.step !== 'wait') continue
    const before = JSON.stringify([...simulation.runs])
    for (const name of simulation.runs.keys()) finishRun(simulation, name, true)
    if (JSON.stringify([...simulation.runs]) !== before) continue
    // Only a failed unbind run is waited for; everything else waits for people, or for the end of the term.
    if (!step.until || !simulation.binding?.status?.end || simulation.binding.status.end.provenAt)
      return
    simulation.now = step.until
  }
  throw new Error('It goes round in circles.')
}

function assertSafe({ binding, runs, now }: Simulation): void {
  const decisions = binding?.status?.decisions ?? []
  for (const run of runs.values()) {
    if (!binding || run.spec.taskRef?.name !== taskNames.bind) continue
    if (run.spec.status === 'TaskRunPending') continue
    const approved = decisions.some(
      (one) => one.decision !== 'deny' && one.digest === paramOf(run, 'digest'),
    )
    expect(approved, 'a bind run that is not pending was approved').toBe(true)
  }
  if (!binding) return
  const force = grantInForce(binding, now)
  if ('grant' in force) {
    const { digest } = force.grant
    expect(decisions.some((one) => one.digest === digest && one.decision !== 'deny')).toBe(true)
  }
}

function assertSettled({ binding, rights, aliases, policy, now }: Simulation): void {
  const ended = !binding || binding.status?.end?.provenAt
  const inForce = binding && 'grant' in grantInForce(binding, now)
  if (ended && !inForce && !(binding && isAskedAgain(binding))) {
    expect(rights.size, 'no rights are left').toBe(0)
  }
  if (ended && !inForce && !unfinished(binding)) {
    expect(aliases.size, 'no alias is left').toBe(0)
    expect(policy, 'no policy is left').toBe(false)
  }
  if (inForce && conditionOf(binding.status?.conditions, 'Provisioned')?.status === 'True') {
    expect(aliases, 'exactly the granted alias is there').toEqual(
      new Set([inForce && binding.status?.granted?.alias]),
    )
  }
}

function isAskedAgain(binding: NonNullable<Simulation['binding']>): boolean {
  return (binding.metadata.generation ?? 1) > (binding.status?.end?.generation ?? 0)
}

function unfinished(binding: Simulation['binding']): boolean {
  return conditionOf(binding?.status?.conditions, 'Provisioned')?.reason === 'RunFailed'
}
