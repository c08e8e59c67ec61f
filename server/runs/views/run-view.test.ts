import { expect, test } from 'vitest'
import { goneRun } from '#server/runs/model/gone-run.ts'
import type { StepState, TaskRun, TaskRunStatus } from '#server/runs/model/task-run.ts'
import { runView } from './run-view.ts'

const all = { create: true, patch: true, delete: true }

function run(status: TaskRunStatus | undefined, spec: Partial<TaskRun['spec']> = {}): TaskRun {
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: 'model-serving-prod', name: 'start-1' },
    spec: { taskRef: { name: 'start-vibethinker-service' }, ...spec },
    status,
  }
}

function ended(name: string, exitCode: number, terminationReason: string): StepState {
  return { name, container: `step-${name}`, terminated: { exitCode }, terminationReason }
}

function condition(status: 'True' | 'False' | 'Unknown', reason: string) {
  return [{ type: 'Succeeded', status, reason, message: '' }]
}

test('only the first step that has not ended is at work', () => {
  const steps: StepState[] = [
    ended('one', 0, 'Completed'),
    { name: 'two', container: 'step-two', running: { startedAt: '2026-11-24T08:00:00Z' } },
    { name: 'three', container: 'step-three', running: { startedAt: '2026-11-24T08:00:00Z' } },
  ]
  const view = runView(
    run({ conditions: condition('Unknown', 'Running'), startTime: 'x', steps }),
    all,
  )
  expect(view.steps.map((step) => step.state)).toEqual(['succeeded', 'running', 'pending'])
  expect(view).toMatchObject({ state: 'running', can: ['cancel'] })
})

test('a failed run opens at the step that failed, not at those skipped or let pass', () => {
  const steps = [
    ended('one', 3, 'Continued'),
    ended('two', 1, 'Error'),
    ended('three', 1, 'Skipped'),
  ]
  const view = runView(run({ conditions: condition('False', 'Failed'), steps }), all)
  expect(view).toMatchObject({ state: 'failed', failedStep: 'two', can: ['rerun', 'delete'] })
  expect(view.steps.map((step) => step.state)).toEqual(['continued', 'failed', 'skipped'])
  // What never ran has no exit code, and took no time.
  expect(view.steps[2]).toEqual({ name: 'three', container: 'step-three', state: 'skipped' })
})

test('of a run that was stopped, the steps whose turn never came did not run', () => {
  const stopped = (name: string, startedAt?: string): StepState => ({
    name,
    container: `step-${name}`,
    terminated: { exitCode: 1, reason: 'TaskRunTimeout', startedAt, finishedAt: 'y' },
  })
  const steps = [ended('one', 0, 'Completed'), stopped('two', 'x'), stopped('three', 'x')]
  const view = runView(run({ conditions: condition('False', 'TaskRunTimeout'), steps }), all)
  expect(view.steps.map((step) => step.state)).toEqual(['succeeded', 'failed', 'skipped'])
  const early = runView(
    run({ conditions: condition('False', 'TaskRunCancelled'), steps: [stopped('one')] }),
    all,
  )
  expect(early.steps).toEqual([{ name: 'one', container: 'step-one', state: 'skipped' }])
})

test('cancelled, timed out and pending have names of their own', () => {
  expect(runView(run({ conditions: condition('False', 'TaskRunCancelled') })).state).toBe(
    'cancelled',
  )
  expect(runView(run({ conditions: condition('False', 'TaskRunTimeout') })).state).toBe('timed-out')
  const sealed = runView(run(undefined, { status: 'TaskRunPending' }), all)
  expect(sealed).toMatchObject({ state: 'pending', sealed: true, can: [] })
  const made = runView(run(undefined), all)
  expect(made).toMatchObject({ state: 'pending', sealed: false, can: ['cancel'] })
})

test('a run that was deleted at work ended its step with it', () => {
  const at = '2026-11-24T08:00:00Z'
  const steps = ['one', 'two'].map((name): StepState => {
    return { name, container: `step-${name}`, running: { startedAt: at } }
  })
  const begun = run({ conditions: condition('Unknown', 'Running'), startTime: at, steps })
  const gone = runView(goneRun(begun, new Date('2026-11-24T09:00:00Z')), all)
  expect(gone).toMatchObject({ state: 'cancelled', can: [] })
  expect(gone.steps[0]).toMatchObject({
    state: 'cancelled',
    startedAt: at,
    finishedAt: '2026-11-24T09:00:00.000Z',
  })
})

test('runs of bindings are run again from their binding alone', () => {
  const bind = run(
    { conditions: condition('False', 'Failed') },
    { taskRef: { name: 'bind-namespace' } },
  )
  expect(runView(bind, all).can).toEqual([])
})
