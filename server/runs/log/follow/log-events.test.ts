import { expect, test } from 'vitest'
import { redactionBy } from '#server/runs/log/redaction/redaction.ts'
import { customRule } from '#server/runs/model/redaction-rules.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { statusUpdates } from './log-events.ts'

const waiting = { reason: 'CreateContainerError', message: 'no such mount for EMP-12' }
const run: TaskRun = {
  apiVersion: 'tekton.dev/v1',
  kind: 'TaskRun',
  metadata: { namespace: 'serving', name: 'run' },
  spec: {},
  status: {
    podName: 'run-pod-retry1',
    startTime: '2026-11-24T00:00:00Z',
    retriesStatus: [{}],
    steps: [{ name: 'work', container: 'step-work', waiting }],
  },
}

test('what an administrator says is a secret is none from then on, also of a run that stays as it is', async () => {
  let rules: ReturnType<typeof customRule>[] = []
  const redaction = redactionBy(() => rules)
  const told = async () => {
    const events = []
    const tidings = statusUpdates(
      () => run,
      redaction,
      async () => [],
    )
    for (let times = 0; times < 2; times++) for await (const event of tidings()) events.push(event)
    return events
  }
  const said = (message: string) => [
    {
      event: 'steps',
      data: { state: 'pending', attempt: 2, steps: [{ name: 'work', state: 'waiting', message }] },
    },
  ]
  expect(await told()).toMatchObject(said('no such mount for EMP-12'))
  rules = [customRule('staff', 'EMP-(\\d+)')]
  expect(await told()).toMatchObject(said('no such mount for EMP-[redacted:staff]'))
})
