import { expect, test } from 'vitest'
import {
  isOver,
  reasonOf,
  sceneOfTaskRuns,
  steps,
} from '#server/lab/cluster/testing/task-runs-fixture.ts'

const scene = sceneOfTaskRuns()
const { create, ended, see } = scene

test('a failing step fails the run and skips the rest', async () => {
  create('fail', steps('exit 3', 'true'))
  const status = await ended('fail')
  expect(status.conditions).toMatchObject([
    { reason: 'StepFailed', message: '"step-s0" exited with code 3: Error' },
  ])
  expect(status.steps).toMatchObject([
    { terminated: { exitCode: 3 }, terminationReason: 'Error' },
    { terminated: { exitCode: 1 }, terminationReason: 'Skipped' },
  ])
})

test('a run whose time is over loses its pod, and says what it was doing', async () => {
  const begin = Date.now()
  create('slow', { timeout: '1500ms', ...steps('sleep 60') })
  // How far it has come by then is the machine's to say.
  let doing = ''
  const { status } = await see('taskruns.tekton.dev', 'slow', (run) => {
    if (isOver(run)) return true
    const [condition] = run.status?.conditions ?? []
    if (condition) doing = `[${condition.reason}] ${condition.message}`
    return false
  })
  expect(Date.now() - begin).toBeGreaterThanOrEqual(1490)
  expect(doing).toMatch(/^\[(Running|Pending|Started)\] ./)
  expect(status.conditions).toMatchObject([
    {
      reason: 'TaskRunTimeout',
      message: `TaskRun "slow" failed to finish within "1.5s"\nPrevious status: ${doing}`,
    },
  ])
  await expect.poll(() => scene.client.find('pods', 'a', 'slow-pod')).toBeUndefined()
})

test('a cancelled run loses its pod', async () => {
  create('cancelled', steps('sleep 60'))
  await see('taskruns.tekton.dev', 'cancelled', (run) => reasonOf(run) === 'Running')
  scene.client.patch('taskruns.tekton.dev', 'a', 'cancelled', {
    spec: { status: 'TaskRunCancelled', statusMessage: 'by ada' },
  })
  const status = await ended('cancelled')
  expect(status.conditions).toMatchObject([
    { reason: 'TaskRunCancelled', message: 'TaskRun "cancelled" was cancelled. by ada' },
  ])
  await expect.poll(() => scene.client.find('pods', 'a', 'cancelled-pod')).toBeUndefined()
})

test('each retry has a pod of its own', async () => {
  create('retried', { retries: 2, ...steps('test $(context.task.retry-count) = 1') })
  const status = await ended('retried')
  expect(status).toMatchObject({
    podName: 'retried-pod-retry1',
    conditions: [{ reason: 'Succeeded' }],
    retriesStatus: [{ podName: 'retried-pod', conditions: [{ reason: 'StepFailed' }] }],
  })
})

test.each([
  [
    'noref',
    { taskRef: { name: 'none' } },
    'TaskRunResolutionFailed',
    'error when listing tasks for taskRun noref: tasks.tekton.dev "none" not found',
  ],
  [
    'badsa',
    { serviceAccountName: 'nobody', ...steps('true') },
    'PodCreationFailed',
    'failed to create task run pod "badsa": translating TaskSpec to Pod: serviceaccounts "nobody" not found. Maybe invalid TaskSpec',
  ],
  [
    'noparam',
    { taskSpec: { params: [{ name: 'who' }], ...steps('echo $(params.who)').taskSpec } },
    'TaskRunValidationFailed',
    '[User error] invalid input params for task noparam: missing values for these params which have no default values: [who]',
  ],
  [
    'outside',
    { params: [{ name: 'l', value: ['x'] }], ...steps('echo $(params.l[1])') },
    'TaskRunValidationFailed',
    '[User error] non-existent param references:[$(params.l[1])]',
  ],
])('%s fails without a pod', async (name, spec, reason, message) => {
  create(name, spec)
  const status = await ended(name)
  expect(status.conditions).toMatchObject([{ reason, message }])
  expect(status.podName).toBe('')
})
