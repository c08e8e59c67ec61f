import { expect, test } from 'vitest'
import { unbindRunName } from '#server/access/model/binding-names.ts'
import { timestamp } from '#server/access/model/conditions.ts'
import {
  attemptsKept,
  awaitsAttempt,
  isHeldUp,
  unbindBackoffMs,
} from '#server/access/model/end-backoff.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { edit, play } from '#server/testing/access/binding-acts.ts'
import { finishRun, type Simulation, worldOf } from '#server/testing/access/binding-simulation.ts'
import {
  askedSimulation,
  bindingIn,
  readySimulation,
} from '#server/testing/access/binding-stories.ts'
import { settle } from '#server/testing/access/settle-simulation.ts'
import type { BindingSnapshot, BindingStep } from './binding-step.ts'
import { letGoMs, missingServiceEndsMs } from './end-steps.ts'
import { planNextStep, previewConflictsAgainMs } from './plan-next-step.ts'

function stepOf(simulation: Simulation, seen: Partial<BindingSnapshot> = {}): BindingStep {
  const world = worldOf(simulation)!
  const { plan, unbindPlan } = world
  return planNextStep({ ...world, plan, unbindPlan, ...seen })
}

function later(simulation: Simulation, ms: number): void {
  simulation.now = new Date(simulation.now.getTime() + ms)
}

/** An end whose unbind run has been made, and has failed unless it `runs`. */
function unbinding(runs = false): { simulation: Simulation; run: TaskRun } {
  const simulation = readySimulation()
  play(simulation, { act: 'revoke' })
  play(simulation, { act: 'steps' })
  const run = [...simulation.runs.values()].at(-1)!
  if (!runs) finishRun(simulation, run.metadata.name, false)
  return { simulation, run }
}

test('what rests looks again when its time is over, to the second', () => {
  const simulation = readySimulation()
  const over = new Date('2026-12-24T08:00:00Z')
  expect(stepOf(simulation)).toEqual({ step: 'wait', until: over })
  edit(simulation, bindingIn(simulation), { durationDays: 90 })
  settle(simulation)
  expect(stepOf(simulation), 'also while something else is asked').toEqual({
    step: 'wait',
    until: over,
  })
  simulation.now = over
  expect(stepOf(simulation)).toMatchObject({ step: 'record-end', reason: 'Expired', generation: 1 })
  settle(simulation)
  const { status } = bindingIn(simulation)
  expect(status?.end).toMatchObject({ reason: 'Expired', provenAt: expect.any(String) })
  expect(status?.seal?.generation, 'what was asked beside it is still asked').toBe(2)
  expect(conditionOf(status?.conditions, 'Ready')?.status).toBe('False')
})

test('what comes first is waited for: the end of a term, or what else time will bring', () => {
  const simulation = readySimulation()
  const over = new Date('2026-12-24T08:00:00Z')
  edit(simulation, bindingIn(simulation), { alias: 'taken' })
  play(simulation, { act: 'take-name', alias: 'taken' })
  settle(simulation)
  const { previewedAt } = bindingIn(simulation).status!.seal!
  const again = new Date(Date.parse(previewedAt) + previewConflictsAgainMs)
  expect(stepOf(simulation)).toEqual({ step: 'wait', until: again })
  simulation.now = new Date(over.getTime() - 30_000)
  play(simulation, { act: 'step' })
  expect(stepOf(simulation), 'the term, where that ends before').toEqual({
    step: 'wait',
    until: over,
  })
  play(simulation, { act: 'lose-service' })
  play(simulation, { act: 'steps' })
  expect(stepOf(simulation), 'also with the service away').toEqual({ step: 'wait', until: over })
})

test('what has ended does not end again while something new is asked', () => {
  const simulation = readySimulation()
  play(simulation, { act: 'pass', days: 31 })
  settle(simulation)
  const { end } = bindingIn(simulation).status!
  edit(simulation, bindingIn(simulation), { durationDays: 7 })
  expect(stepOf(simulation)).toMatchObject({ step: 'give-rights', holder: 'controller' })
  settle(simulation)
  expect(bindingIn(simulation).status?.end).toEqual(end)
  expect([...simulation.runs.keys()].filter((name) => name.startsWith('unbind-'))).toHaveLength(1)
})

test('a missing service ends access after ten minutes, and not before', () => {
  const simulation = readySimulation()
  play(simulation, { act: 'lose-service' })
  play(simulation, { act: 'step' })
  const until = new Date(simulation.now.getTime() + missingServiceEndsMs)
  expect(stepOf(simulation)).toEqual({ step: 'wait', until })
  later(simulation, missingServiceEndsMs - 1000)
  expect(stepOf(simulation)).toEqual({ step: 'wait', until })
  later(simulation, 1000)
  expect(stepOf(simulation)).toMatchObject({ step: 'record-end', reason: 'ServiceDeleted' })
})

test('an unbind run that failed is followed by the next after its time, longer each time', () => {
  const { simulation, run } = unbinding()
  play(simulation, { act: 'step' })
  expect(bindingIn(simulation).status?.end?.attempt).toBe(2)
  const until = new Date(simulation.now.getTime() + unbindBackoffMs(1))
  expect(stepOf(simulation)).toEqual({ step: 'wait', until })
  simulation.runs.delete(run.metadata.name)
  expect(stepOf(simulation), 'also where somebody clears the runs away').toEqual({
    step: 'wait',
    until,
  })
  later(simulation, unbindBackoffMs(1))
  const next = stepOf(simulation)
  expect(next).toMatchObject({ step: 'create-unbind-run', reason: 'Revoked' })
  expect(next).not.toMatchObject({ name: run.metadata.name })
  expect([1, 2, 3, 12, 13, 2000].map(unbindBackoffMs)).toEqual([
    ...[10_000, 20_000, 40_000, 20_480_000],
    ...[6 * 3_600_000, 6 * 3_600_000],
  ])
})

test('an unbind run that fails for a month runs seldom, leaves few runs, and ends once nothing is in its way', () => {
  const { simulation } = unbinding()
  const end = simulation.now.getTime() + 30 * 86_400_000
  let made = 1
  while (simulation.now.getTime() < end) {
    const step = play(simulation, { act: 'step' })
    if (step?.step === 'create-unbind-run') made += 1
    for (const name of simulation.runs.keys()) finishRun(simulation, name, false)
    if (step?.step === 'wait') simulation.now = step.until!
    expect(simulation.runs.size).toBeLessThanOrEqual(1 + attemptsKept)
  }
  expect(made).toBeLessThan(140)
  const { status } = bindingIn(simulation)
  expect(status?.end?.attempt).toBeGreaterThan(100)
  expect(isHeldUp(status?.end)).toBe(true)
  expect(simulation.runs.has(unbindRunName(bindingIn(simulation), 1, 1))).toBe(false)
  settle(simulation)
  expect(bindingIn(simulation).status?.end?.provenAt).toBeDefined()
  expect(isHeldUp(bindingIn(simulation).status?.end)).toBe(false)
  expect(simulation.policy).toBe(false)
})

test('what failed is said with its time, and is due at once where somebody asks', () => {
  const { simulation, run } = unbinding()
  play(simulation, { act: 'step' })
  const nextAt = timestamp(new Date(simulation.now.getTime() + unbindBackoffMs(1)))
  const failed = bindingIn(simulation).status!
  const message = `The run ${run.metadata.name} failed: `
  expect(failed.end?.failure).toEqual({ at: timestamp(simulation.now), message, nextAt })
  expect(conditionOf(failed.conditions, 'Ready')).toMatchObject({
    reason: 'UnbindFailed',
    message: `${message} That was attempt 1; the next is due at ${nextAt}. The gateway refuses access already.`,
  })
  expect(isHeldUp(failed.end), 'it is tried again by itself first').toBe(false)
  expect(awaitsAttempt(failed.end, simulation.now)).toBe(true)
  expect(awaitsAttempt(failed.end, new Date(nextAt))).toBe(false)

  later(simulation, 3_000)
  play(simulation, { act: 'retry' })
  const asked = bindingIn(simulation).status!
  const next = unbindRunName(bindingIn(simulation), 1, 2)
  expect(asked.retry).toEqual({ run: next, by: 'grace', at: timestamp(simulation.now) })
  expect(asked.run).toBe(next)
  expect(stepOf(simulation)).toMatchObject({ step: 'create-unbind-run', name: next })
  play(simulation, { act: 'retry' })
  expect(bindingIn(simulation).status, 'it is under way already').toEqual(asked)
  play(simulation, { act: 'steps' })
  const { end } = bindingIn(simulation).status!
  expect(end).toMatchObject({ run: next, failure: { message } })
  expect(end?.failure?.nextAt).toBeUndefined()

  finishRun(simulation, next, false)
  play(simulation, { act: 'step' })
  const again = new Date(simulation.now.getTime() + unbindBackoffMs(2))
  expect(stepOf(simulation), 'the times go on as they were').toEqual({ step: 'wait', until: again })
})

test('after three attempts it is the turn of people', () => {
  const { simulation } = unbinding()
  for (const attempt of [2, 3, 4]) {
    play(simulation, { act: 'step' })
    const { end } = bindingIn(simulation).status!
    expect([end?.attempt, isHeldUp(end)]).toEqual([attempt, attempt === 4])
    later(simulation, unbindBackoffMs(attempt))
    play(simulation, { act: 'steps' })
    finishRun(simulation, [...simulation.runs.keys()].at(-1)!, false)
  }
})

test('what a run saw of the end is kept as its proof', () => {
  const { simulation, run } = unbinding(true)
  const seen = { at: timestamp(simulation.now), refused: '403 has ended' }
  const done = { type: 'Succeeded', status: 'True' as const, reason: 'Succeeded', message: '' }
  const conditions = [{ ...done, lastTransitionTime: '' }]
  const results = [{ name: 'proof', value: JSON.stringify(seen) }]
  simulation.runs.set(run.metadata.name, { ...run, status: { conditions, results } })
  simulation.rights.clear()
  expect(stepOf(simulation)).toEqual({
    step: 'record-proof',
    proof: { run: run.metadata.name, ...seen },
  })
})

test('a namespace that goes away is let go after its time, counted from both ends', () => {
  const { simulation, run } = unbinding(true)
  const begun = { type: 'Succeeded', status: 'Unknown' as const, reason: 'Started', message: '' }
  const status = { conditions: [{ ...begun, lastTransitionTime: '' }] }
  simulation.runs.set(run.metadata.name, { ...run, status })
  play(simulation, { act: 'terminate-namespace' })
  const goneAt = simulation.now.getTime()
  expect(stepOf(simulation)).toEqual({ step: 'wait', until: new Date(goneAt + letGoMs) })
  later(simulation, letGoMs - 1000)
  expect(stepOf(simulation)).toMatchObject({ step: 'wait' })
  later(simulation, 1000)
  expect(stepOf(simulation)).toEqual({ step: 'remove-finalizer' })

  // Deleted long before it was found to end, as with no controller about.
  const late = readySimulation()
  play(late, { act: 'terminate-namespace' })
  later(late, 2 * letGoMs)
  play(late, { act: 'steps' })
  expect(bindingIn(late).status?.end?.provenAt).toBeUndefined()
  expect(stepOf(late), 'it is still tried').toMatchObject({ step: 'wait' })
})

test('in a namespace that goes away no rights are given any more', () => {
  const simulation = readySimulation()
  play(simulation, { act: 'terminate-namespace' })
  for (let i = 0; i < 3; i += 1) {
    const step = play(simulation, { act: 'step' })
    expect(step?.step).not.toBe('give-rights')
  }
  expect([...simulation.runs.keys()].at(-1)).toMatch(/^unbind-/)
})

test('what waits for people goes first where access ends, also what was sealed after the proof', () => {
  const simulation = readySimulation()
  edit(simulation, bindingIn(simulation), { durationDays: 90 })
  settle(simulation)
  const sealed = [...simulation.runs.values()].at(-1)!
  expect(sealed.spec.status).toBe('TaskRunPending')
  play(simulation, { act: 'revoke' })
  expect(stepOf(simulation)).toMatchObject({ step: 'discard-run' })
  settle(simulation)
  simulation.runs.set(sealed.metadata.name, sealed)
  expect(stepOf(simulation)).toMatchObject({ step: 'discard-run' })
})

test('without our finalizer a binding that is deleted is nobody’s to hold', () => {
  const simulation = readySimulation()
  const { metadata } = bindingIn(simulation)
  const deletionTimestamp = timestamp(simulation.now)
  const others = { ...metadata, finalizers: ['example.com/other'], deletionTimestamp }
  const binding = { ...bindingIn(simulation), metadata: others }
  expect(stepOf(simulation, { binding })).toEqual({ step: 'wait' })
})

test('a denied first request leaves no rights; a denied change leaves those of the grant', () => {
  const first = askedSimulation()
  play(first, { act: 'deny' })
  settle(first)
  expect(first.rights).toEqual(new Set())
  const change = readySimulation()
  edit(change, bindingIn(change), { durationDays: 90 })
  settle(change)
  play(change, { act: 'deny' })
  settle(change)
  expect(change.rights).toEqual(new Set(['binder', 'controller']))
})
