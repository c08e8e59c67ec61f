import { expect, test } from 'vitest'
import { annotations, labels, managedByBindery } from '#server/platform/model/names.ts'
import { runRequestNote } from '#server/platform/model/request-trace.ts'
import type { Task, TaskSpec } from '#server/runs/model/task-run.ts'
import { runOfTask } from './run-of-task.ts'

function taskWith(said: Record<string, string>, spec: Partial<TaskSpec> = {}): Task {
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'Task',
    metadata: { namespace: 'serving', name: 't'.repeat(60), annotations: said },
    spec: { steps: [], ...spec },
  }
}

const params = [{ name: 'who', value: 'you' }]
const asked = { params, startedBy: 'grace', why: 'A test.' }

test('a run says who started it, why and by which request, and is as its Task says', () => {
  const said = {
    [annotations.serviceAccount]: 'deployer',
    [annotations.retries]: '2',
    [annotations.timeout]: '5m',
  }
  const { metadata, spec } = runOfTask(taskWith(said), { ...asked, requestId: 'r-1' })
  expect(metadata).toEqual({
    namespace: 'serving',
    name: expect.stringMatching(/^t{48}-[0-9a-f]{8}$/),
    labels: { [labels.managedBy]: managedByBindery },
    annotations: {
      [annotations.startedBy]: 'grace',
      [annotations.reason]: 'A test.',
      ...runRequestNote('r-1'),
    },
  })
  expect(spec).toEqual({
    taskRef: { name: 't'.repeat(60), kind: 'Task' },
    params,
    workspaces: [],
    serviceAccountName: 'deployer',
    retries: 2,
    timeout: '5m',
  })
  const plain = runOfTask(taskWith({}), asked)
  expect(plain.spec).not.toHaveProperty('retries')
  expect(plain.spec).not.toHaveProperty('timeout')
  expect(plain.metadata.name).not.toBe(metadata.name)
})

test('a workspace that nothing was chosen for is a directory, and one that may be left out is left out', () => {
  const workspaces = [{ name: 'data' }, { name: 'cache', optional: true }]
  const task = taskWith({}, { workspaces, stepTemplate: { securityContext: { runAsGroup: 7 } } })
  const { spec } = runOfTask(task, asked)
  expect(spec.workspaces).toEqual([{ name: 'data', emptyDir: {} }])
  expect(spec).not.toHaveProperty('podTemplate')
  const claim = { kind: 'persistentVolumeClaim' as const, name: 'c' }
  const claimed = runOfTask(task, { ...asked, workspaces: { cache: claim } })
  expect(claimed.spec.workspaces).toEqual([
    { name: 'data', emptyDir: {} },
    { name: 'cache', persistentVolumeClaim: { claimName: 'c' } },
  ])
  expect(claimed.spec.podTemplate).toEqual({
    securityContext: { fsGroup: 7, fsGroupChangePolicy: 'OnRootMismatch' },
  })
})
