import { expect, test } from 'vitest'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { taskFromV1beta1, taskToV1beta1 } from './convert-v1beta1.ts'
import { admitTask, admitTaskRun, mutateTask, mutateTaskRun } from './webhook.ts'

const image = 'localhost/busybox:1'

function taskRun(spec: object, more: object = {}): KubeObject {
  return object('TaskRun', spec, more)
}

function object(kind: string, spec: object, more: object = {}): KubeObject {
  return {
    apiVersion: 'tekton.dev/v1',
    kind,
    metadata: { name: 'x', namespace: 'a', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
    spec,
    ...more,
  }
}

function refusalOf(run: KubeObject, old?: KubeObject): string {
  try {
    mutateTaskRun(run)
    admitTaskRun(run, old)
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^.*denied the request: /, '') : ''
  }
  return ''
}

test('defaults are filled in as Tekton does', () => {
  const run = taskRun({
    timeout: '90m',
    params: [{ name: 'n', value: 5 }],
    taskSpec: {
      params: [{ name: 'n' }, { name: 'l', default: ['a'] }],
      results: [{ name: 'r' }],
      steps: [{ image }],
      volumes: [],
    },
  })
  mutateTaskRun(run)
  admitTaskRun(run, undefined)
  expect(run.metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'tekton-pipelines' })
  expect(run.spec).toEqual({
    serviceAccountName: 'default',
    timeout: '1h30m0s',
    params: [{ name: 'n', value: '5' }],
    taskSpec: {
      params: [
        { name: 'n', type: 'string' },
        { name: 'l', type: 'array', default: ['a'] },
      ],
      results: [{ name: 'r', type: 'string' }],
      steps: [{ name: '', computeResources: {}, image }],
    },
  })
})

test.each([
  [
    'nothing to run',
    {},
    'validation failed: expected exactly one, got neither: spec.taskRef, spec.taskSpec',
  ],
  [
    'no steps',
    { taskSpec: { steps: [] } },
    'validation failed: missing field(s): spec.taskSpec.steps',
  ],
  [
    'a variable that is not declared',
    { taskSpec: { steps: [{ image, script: 'echo $(params.none)' }] } },
    'validation failed: non-existent variable in "echo $(params.none)": spec.steps[0].script',
  ],
  [
    'an unknown field',
    { taskSpec: { steps: [{ image, retries: 2 }] } },
    'mutation failed: cannot decode incoming new object: json: unknown field "retries"',
  ],
  [
    'a wrong type',
    { retries: 'two', taskSpec: { steps: [{ image }] } },
    'mutation failed: cannot decode incoming new object: json: cannot unmarshal string into Go struct field TaskRunSpec.spec.retries of type int',
  ],
  [
    'a bad duration',
    { timeout: 'soon', taskSpec: { steps: [{ image }] } },
    'mutation failed: cannot decode incoming new object: time: invalid duration "soon"',
  ],
  [
    'enum',
    {
      params: [{ name: 'c', value: 'z' }],
      taskSpec: { params: [{ name: 'c', enum: ['a'] }], steps: [{ image }] },
    },
    'validation failed: feature flag `enable-param-enum` should be set to true to use Enum: spec.taskSpec.params[c]',
  ],
  [
    'a list in a script',
    {
      taskSpec: {
        params: [{ name: 'l', type: 'array' }],
        steps: [{ image, script: 'echo $(params.l)' }],
      },
    },
    'validation failed: variable type invalid in "echo $(params.l)": spec.steps[0].script, spec.taskSpec.steps[0].script',
  ],
  [
    'the same step twice',
    {
      taskSpec: {
        steps: [
          { name: 'a', image },
          { name: 'a', image },
        ],
      },
    },
    'validation failed: invalid value: a: spec.taskSpec.steps[1].name',
  ],
  [
    'no image',
    { taskSpec: { steps: [{ name: 'a' }] } },
    'validation failed: missing field(s): spec.taskSpec.steps[0].Image',
  ],
  [
    'a negative number of retries',
    { retries: -1, taskSpec: { steps: [{ image }] } },
    'validation failed: invalid value: -1 should be >= 0: spec.retries',
  ],
  [
    'an unknown status',
    { status: 'Stopped', taskSpec: { steps: [{ image }] } },
    'validation failed: invalid value: Stopped should be TaskRunCancelled or TaskRunPending: spec.status',
  ],
])('refuses %s', (_, spec, message) => {
  expect(refusalOf(taskRun(spec))).toBe(message)
})

test('a run that waits may only be released, one that is done is closed', () => {
  const spec = { taskSpec: { steps: [{ image }] } }
  const pending = taskRun({ ...spec, status: 'TaskRunPending' })
  mutateTaskRun(pending)
  expect(refusalOf(taskRun({ ...spec, status: 'TaskRunPending', timeout: '5m' }), pending)).toBe(
    'validation failed: invalid value: Once the TaskRun has started, only status and statusMessage updates are allowed: spec',
  )
  expect(refusalOf(taskRun(spec), pending)).toBe('')
  const done = { ...pending, status: { conditions: [{ type: 'Succeeded', status: 'True' }] } }
  expect(refusalOf(taskRun(spec), done)).toBe(
    'validation failed: invalid value: Once the TaskRun is complete, no updates are allowed: spec',
  )
})

test('objects are used key by key, and their keys are known', () => {
  const taskSpec = (script: string) => ({
    params: [{ name: 'o', properties: { a: {} } }],
    steps: [{ image, script }],
  })
  expect(refusalOf(taskRun({ taskSpec: taskSpec('$(params.o.a)') }))).toBe('')
  expect(refusalOf(taskRun({ taskSpec: taskSpec('$(params.o.b)') }))).toBe(
    'validation failed: non-existent variable in "$(params.o.b)": spec.steps[0].script',
  )
})

test('v1beta1 calls the resources of a step otherwise', () => {
  const task = taskFromV1beta1(object('Task', { steps: [{ name: 'a', image, resources: {} }] }))
  mutateTask(task)
  admitTask(task)
  expect(task.spec.steps).toEqual([{ name: 'a', image, computeResources: {} }])
  expect(taskToV1beta1(task).spec.steps).toEqual([{ name: 'a', image, resources: {} }])
})
