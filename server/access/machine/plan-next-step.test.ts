import { expect, test } from 'vitest'
import { askMove, offerTerms } from '#server/access/model/approver-terms.ts'
import { isDecidable } from '#server/access/model/decide.ts'
import { grantInForce } from '#server/access/model/grant-in-force.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { edit, play, startSimulation } from '#server/testing/access/binding-acts.ts'
import { type Simulation, write } from '#server/testing/access/binding-simulation.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { settle } from '#server/testing/access/settle-simulation.ts'

test('the plain story takes it from the request to access, and back to nothing', () => {
  const simulation = startSimulation()
  settle(simulation)
  expect(conditionOf(simulation.binding?.status?.conditions, 'Ready')?.reason).toBe(
    'AwaitingApproval',
  )
  play(simulation, { act: 'approve' })
  settle(simulation)
  expect(conditionOf(simulation.binding?.status?.conditions, 'Ready')?.status).toBe('True')
  expect(simulation.aliases).toEqual(new Set(['vibethinker-gateway']))

  play(simulation, { act: 'pass', days: 31 })
  settle(simulation)
  expect(simulation.binding?.status?.end?.reason).toBe('Expired')
  expect(simulation.binding?.status?.end?.provenAt).toBeDefined()
  expect(simulation.aliases.size).toBe(0)

  play(simulation, { act: 'change', alias: 'again', slice: true })
  settle(simulation)
  play(simulation, { act: 'approve' })
  settle(simulation)
  expect(simulation.aliases).toEqual(new Set(['again']))
  expect(simulation.binding?.status?.end).toBeUndefined()

  play(simulation, { act: 'delete' })
  settle(simulation)
  expect(simulation.binding).toBeUndefined()
  expect(simulation.rights.size).toBe(0)
  expect(simulation.policy).toBe(false)
})

test('a failed change keeps what worked, and a retry needs no new decision', () => {
  const simulation = startSimulation()
  settle(simulation)
  play(simulation, { act: 'approve' })
  settle(simulation)
  play(simulation, { act: 'change', alias: 'other', slice: false })
  settle(simulation)
  play(simulation, { act: 'approve' })
  for (let i = 0; i < 5; i += 1) play(simulation, { act: 'step' })
  play(simulation, { act: 'finish', well: false })
  settle(simulation)
  const { conditions } = simulation.binding?.status ?? {}
  expect(conditionOf(conditions, 'Provisioned')).toMatchObject({
    status: 'False',
    reason: 'RunFailed',
  })
  expect(conditionOf(conditions, 'Ready')?.status).toBe('True')
  play(simulation, { act: 'retry' })
  settle(simulation)
  expect(simulation.aliases).toEqual(new Set(['other']))
  expect(conditionOf(simulation.binding?.status?.conditions, 'Provisioned')?.status).toBe('True')
})

test('access that ends while it is being set up cancels the run first', () => {
  const simulation = startSimulation()
  settle(simulation)
  play(simulation, { act: 'approve' })
  play(simulation, { act: 'steps' })
  play(simulation, { act: 'revoke' })
  play(simulation, { act: 'steps' })
  expect([...simulation.runs.values()].map((run) => run.spec.status)).toEqual(['TaskRunCancelled'])
  settle(simulation)
  expect(simulation.binding?.status?.end?.provenAt).toBeDefined()
  expect(simulation.runs.size).toBe(2)
})

test('what exceeds the limits of its service is told so and never sealed', () => {
  const simulation = startSimulation()
  simulation.binding = sampleBinding({ durationDays: 181 })
  settle(simulation)
  expect(conditionOf(simulation.binding?.status?.conditions, 'Ready')?.reason).toBe('AboveLimits')
  expect(simulation.runs.size).toBe(0)
})

test('what a service approves by itself needs nobody', () => {
  const simulation = startSimulation()
  const { limits } = sampleService().spec
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
  change(simulation, { durationDays: 10, quota })
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
  play(simulation, { act: 'pass', days: 20 })
  change(simulation, { durationDays: 10 })
  settle(simulation)
  expect(simulation.binding?.status?.granted?.durationDays).toBe(30)
  expect(simulation.binding?.status?.seal?.generation).toBe(2)
})

test('a change that is taken back leaves no sealed run, and nothing to decide', () => {
  const simulation = ready()
  change(simulation, { durationDays: 90 })
  settle(simulation)
  expect(pendingRuns(simulation)).toHaveLength(1)
  change(simulation, { durationDays: 30 })
  settle(simulation)
  expect(pendingRuns(simulation)).toEqual([])
  expect(simulation.binding?.status?.granted?.generation).toBe(3)
  expect(isDecidable(simulation.binding ?? sampleBinding())).toBe(false)
})

test('an extension begins a new term once its run has succeeded, and keeps the old grant as history', () => {
  const simulation = ready()
  play(simulation, { act: 'pass', days: 20 })
  change(simulation, { renewal: 1 })
  settle(simulation)
  expect(simulation.binding?.status?.granted?.expiresAt).toBe('2026-12-24T08:00:00Z')
  play(simulation, { act: 'approve' })
  settle(simulation)
  const { granted, history } = simulation.binding?.status ?? {}
  expect(granted).toMatchObject({ renewal: 1, expiresAt: '2027-01-13T08:00:00Z' })
  expect(history).toMatchObject([{ generation: 1, why: 'Replaced' }])
})

test('what an approver offers in place of what was asked is sealed anew, approved and granted', () => {
  const simulation = startSimulation()
  settle(simulation)
  const asked = simulation.binding?.status?.seal?.digest
  const offer = { generation: 1, durationDays: 7, ring: 'canary' as const, comment: 'To begin.' }
  const withCanary = { ...sampleService().spec.engines, canary: { service: 'c', port: 8000 } }
  simulation.service = sampleService({ engines: withCanary })
  const { binding, service, now } = simulation
  expect(() => offerTerms(binding!, service!, offer, 'ada', now)).toThrow('somebody else')
  const more = { ...offer, durationDays: 31 }
  expect(() => offerTerms(binding!, service!, more, 'grace', now)).toThrow('more than they asked')
  write(simulation, { ...binding!, status: offerTerms(binding!, service!, offer, 'grace', now) })
  settle(simulation)
  expect(simulation.binding?.status?.seal?.digest).not.toBe(asked)
  play(simulation, { act: 'approve' })
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
  write(simulation, { ...binding!, status: askMove(binding!, service!, body, 'grace', now) })
  for (let i = 0; i < 3; i += 1) play(simulation, { act: 'step' })
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
  const simulation = startSimulation()
  const approval = { required: 2, allowSelfApproval: false }
  simulation.service = sampleService({ approval })
  settle(simulation)
  play(simulation, { act: 'approve' })
  play(simulation, { act: 'approve' })
  settle(simulation)
  expect(simulation.binding?.status?.granted).toBeUndefined()
  play(simulation, { act: 'approve', by: 'henry' })
  settle(simulation)
  expect(simulation.binding?.status?.granted?.approvedBy).toEqual(['grace', 'henry'])
})

test('a request that nobody signed takes one approval more, for one of them may be who asked', () => {
  const simulation = startSimulation({ signed: false })
  settle(simulation)
  play(simulation, { act: 'approve', by: 'ada' })
  settle(simulation)
  expect(simulation.binding?.status?.granted).toBeUndefined()
  play(simulation, { act: 'approve' })
  settle(simulation)
  expect(simulation.binding?.status?.granted?.approvedBy).toEqual(['ada', 'grace'])
})

test('access goes on for the grace period, and is cut at its end', () => {
  const simulation = startSimulation()
  simulation.service = sampleService({
    limits: { ...sampleService().spec.limits, graceHours: 24 },
  })
  settle(simulation)
  play(simulation, { act: 'approve' })
  settle(simulation)
  play(simulation, { act: 'pass', days: 30 })
  settle(simulation)
  expect('grant' in grantInForce(simulation.binding!, simulation.now)).toBe(true)
  play(simulation, { act: 'pass', days: 1 })
  settle(simulation)
  expect(simulation.binding?.status?.end?.reason).toBe('Expired')
})

function change(simulation: Simulation, spec: Partial<ModelBinding['spec']>): void {
  if (simulation.binding) edit(simulation, simulation.binding, spec)
}

function pendingRuns({ runs }: Simulation): TaskRun[] {
  return [...runs.values()].filter((run) => run.spec.status === 'TaskRunPending')
}

function ready(): Simulation {
  const simulation = startSimulation()
  settle(simulation)
  play(simulation, { act: 'approve' })
  settle(simulation)
  return simulation
}
