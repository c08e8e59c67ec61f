import { expect, test } from 'vitest'
import { annotations, labels } from '#server/platform/model/names.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { isHistory, runRecord } from './run-record.ts'

const at = '2026-11-24T00:00:00.000Z'

function runWith(status: TaskRun['status'], spec: TaskRun['spec'] = {}): TaskRun {
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: 'serving', name: 'run', uid: 'u', creationTimestamp: at },
    spec: { taskRef: { name: 'bind-namespace' }, ...spec },
    status,
  }
}

function ended(status: 'True' | 'False' | 'Unknown'): TaskRun['status'] {
  const condition = { type: 'Succeeded', status, reason: '', message: '' }
  return { startTime: at, completionTime: at, conditions: [condition] }
}

test('a run is history once it has begun or ended; sealed it is a request', () => {
  expect(isHistory(runWith(undefined, { status: 'TaskRunPending' }))).toBe(false)
  expect(isHistory(runWith(undefined))).toBe(false)
  expect(isHistory(runWith({ startTime: at }))).toBe(true)
  // One that was refused never began.
  expect(isHistory(runWith({ ...ended('False'), startTime: undefined }))).toBe(true)
})

test('what is kept of a run is what it can be found by', () => {
  const run = runWith(ended('True'))
  run.metadata.annotations = { [annotations.startedBy]: 'grace' }
  run.metadata.labels = { [labels.bindingNamespace]: 'team', [labels.bindingName]: 'one' }
  const goneAt = new Date(1)
  expect(runRecord(run, goneAt)).toEqual({
    uid: 'u',
    namespace: 'serving',
    name: 'run',
    task: 'bind-namespace',
    binding: 'team/one',
    startedBy: 'grace',
    state: 'succeeded',
    createdAt: new Date(at),
    finishedAt: new Date(at),
    goneAt,
    run,
  })
  // A retry leaves the time of the attempt before it.
  expect(runRecord(runWith(ended('Unknown'))).finishedAt).toBeUndefined()
  expect(runRecord(runWith(ended('Unknown')))).toMatchObject({ binding: undefined })
})
