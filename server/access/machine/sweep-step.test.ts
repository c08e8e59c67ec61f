import { expect, test } from 'vitest'
import { unbindRunName } from '#server/access/model/binding-names.ts'
import { timestamp } from '#server/access/model/conditions.ts'
import { attemptsKept, unbindBackoffMs } from '#server/access/model/end-backoff.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'
import { planOrphanStep } from './sweep-step.ts'

const left = sampleBinding()
const now = new Date('2026-11-24T08:00:00Z')

function sweepRun(name: string, ended?: 'True' | 'False'): TaskRun {
  const metadata = { namespace: 'model-serving-prod', name }
  const run: TaskRun = { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata, spec: {} }
  if (!ended) return run
  const told = {
    type: 'Succeeded',
    status: ended,
    reason: 'X',
    message: '',
    lastTransitionTime: '',
  }
  return { ...run, status: { completionTime: timestamp(now), conditions: [told] } }
}

test('what a binding left is tried again and again, less and less often, with few runs kept', () => {
  const end = now.getTime() + 30 * 86_400_000
  let runs: TaskRun[] = [sweepRun(unbindRunName(left, 1, 7), 'False')]
  let made = 0
  let at = now
  while (at.getTime() < end) {
    const step = planOrphanStep(left, runs, at)
    if ('start' in step) {
      made += 1
      expect(step.start).toBe(unbindRunName(left, 0, made))
      const gone = new Set(step.discard)
      const run = sweepRun(step.start)
      expect(planOrphanStep(left, [...runs, run], at), 'one at a time').toEqual({})
      const failed = sweepRun(step.start, 'False')
      const status = { ...failed.status, completionTime: timestamp(at) }
      runs = [...runs.filter((one) => !gone.has(one)), { ...failed, status }]
      expect(runs.length, 'with the one of the end itself').toBeLessThanOrEqual(1 + attemptsKept)
    } else at = step.wait!
  }
  expect(made).toBeGreaterThan(100)
  expect(made).toBeLessThan(140)
  expect(runs[0]?.metadata.name, 'which is not counted').toBe(unbindRunName(left, 1, 7))
  expect(runs.at(-1)?.metadata.name).toBe(unbindRunName(left, 0, made))
})

test('a policy that is still there although its run succeeded, or has no time of its end, is looked at later', () => {
  const wait = new Date(now.getTime() + unbindBackoffMs(1))
  const name = unbindRunName(left, 0, 1)
  expect(planOrphanStep(left, [sweepRun(name, 'True')], now)).toEqual({ wait })
  const { status, ...run } = sweepRun(name, 'False')
  const timeless = { ...run, status: { conditions: status?.conditions } }
  expect(planOrphanStep(left, [timeless], now)).toEqual({ wait })
  expect(planOrphanStep(left, [sweepRun(name, 'True')], wait)).toMatchObject({ discard: [] })
})
