import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  image,
  reasonOf,
  sceneOfTaskRuns,
  steps,
} from '#server/lab/cluster/testing/task-runs-fixture.ts'

const scene = sceneOfTaskRuns()
const { create, ended, see } = scene

test('steps run in order and leave results; workspaces are shared', async () => {
  create('ok', {
    params: [{ name: 'who', value: 'you' }],
    workspaces: [{ name: 'data', emptyDir: {} }],
    taskSpec: {
      params: [{ name: 'who' }],
      results: [{ name: 'said' }, { name: 'list', type: 'array' }],
      workspaces: [{ name: 'data' }],
      steps: [
        { name: 'a', image, script: 'printf "hello $(params.who)" > $(workspaces.data.path)/f' },
        { name: 'b', image, script: 'cp $(workspaces.data.path)/f $(results.said.path)' },
        { name: 'c', image, script: `printf '["1","2"]' > $(results.list.path)` },
      ],
    },
  })
  const status = await ended('ok')
  expect(status.conditions).toMatchObject([
    { status: 'True', reason: 'Succeeded', message: 'All Steps have completed executing' },
  ])
  expect(status.results).toEqual([
    { name: 'said', type: 'string', value: 'hello you' },
    { name: 'list', type: 'array', value: ['1', '2'] },
  ])
})

test('a pending run has no pod and no time until it is released', async () => {
  create('pending', { status: 'TaskRunPending', ...steps('true') })
  const waiting = await see(
    'taskruns.tekton.dev',
    'pending',
    (run) => reasonOf(run) === 'TaskRunPending',
  )
  expect(waiting.status).toMatchObject({ podName: '' })
  expect(waiting.status.startTime).toBeUndefined()
  expect(scene.client.find('pods', 'a', 'pending-pod')).toBeUndefined()
  scene.client.patch('taskruns.tekton.dev', 'a', 'pending', { spec: { status: null } })
  expect((await ended('pending')).conditions).toMatchObject([{ reason: 'Succeeded' }])
})

test('a step may run out of its own time, or fail and be passed over', async () => {
  create('late', {
    taskSpec: { steps: [{ name: 's', image, timeout: '300ms', script: 'sleep 60' }] },
  })
  create('lenient', {
    taskSpec: {
      results: [{ name: 'code' }],
      steps: [
        { name: 's', image, onError: 'continue', script: 'exit 5' },
        { name: 't', image, script: 'cp $(steps.step-s.exitCode.path) $(results.code.path)' },
      ],
    },
  })
  expect(await ended('late')).toMatchObject({
    conditions: [
      { message: '"step-s" exited because the step exceeded the specified timeout limit' },
    ],
    steps: [{ terminationReason: 'TimeoutExceeded' }],
  })
  expect(await ended('lenient')).toMatchObject({
    conditions: [{ reason: 'Succeeded' }],
    steps: [{ terminated: { exitCode: 5 }, terminationReason: 'Continued' }, {}],
    results: [{ name: 'code', value: '5' }],
  })
})

test('sidecars are there before the first step, and are stopped after the last', async () => {
  const mark = join(scene.directory, 'sidecar')
  create('sided', {
    taskSpec: {
      sidecars: [{ name: 'side', image, script: `touch ${mark}; while :; do sleep 1; done` }],
      steps: [{ name: 's', image, script: `while ! test -e ${mark}; do :; done` }],
    },
  })
  expect((await ended('sided')).conditions).toMatchObject([{ reason: 'Succeeded' }])
  expect(existsSync(mark)).toBe(true)
  const stopped = await see('taskruns.tekton.dev', 'sided', (run) =>
    Boolean(run.status?.sidecars?.[0]?.terminated),
  )
  expect(stopped.status.sidecars).toMatchObject([
    {
      name: 'side',
      container: 'sidecar-side',
      terminated: { message: 'Sidecar container successfully stopped by nop image' },
    },
  ])
})

test('a claim is made from its template and is the workspace', async () => {
  create('claimed', {
    workspaces: [
      {
        name: 'd',
        volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } },
      },
    ],
    taskSpec: {
      workspaces: [{ name: 'd' }, { name: 'o', optional: true }],
      results: [{ name: 'bound' }],
      steps: [
        { name: 's', image, script: 'echo x > $(workspaces.d.path)/f' },
        {
          name: 't',
          image,
          script:
            'test -e $(workspaces.d.path)/f; printf "$(workspaces.d.bound) $(workspaces.o.bound)" > $(results.bound.path)',
        },
      ],
    },
  })
  expect(await ended('claimed')).toMatchObject({
    conditions: [{ reason: 'Succeeded' }],
    results: [{ value: 'true false' }],
  })
  expect(scene.client.list('persistentvolumeclaims', { namespace: 'a' })).toHaveLength(1)
})
