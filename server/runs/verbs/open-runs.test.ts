import { expect, onTestFinished, test } from 'vitest'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { refuseTooManyRuns } from './open-runs.ts'

const namespace = 'serving'

function run(name: string, by: string, state: 'True' | 'Unknown' | undefined): TaskRun {
  const condition = { type: 'Succeeded', status: state ?? 'Unknown', reason: '', message: '' }
  const metadata = { namespace, name, annotations: { 'bindery.dev/started-by': by } }
  const at = '2026-11-24T00:00:00Z'
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata,
    spec: {},
    status: state && { startTime: at, conditions: [{ ...condition, lastTransitionTime: at }] },
  }
}

test('ten runs of one person and fifty of a namespace are open at once; what ended, or is of a binding, is not counted', async () => {
  let items: TaskRun[] = []
  const api = await startScripted((_request, response) => {
    sendJson(response, 200, { kind: 'List', metadata: { resourceVersion: '1' }, items })
  })
  const ending = new AbortController()
  const kube = connectKube({ kubeconfigText: api.kubeconfig, signal: ending.signal })
  onTestFinished(async () => {
    ending.abort()
    await api.close()
  })
  const outcomeFor = (user: string) =>
    refuseTooManyRuns(
      { kube, actor: { type: 'person', user, name: user, groups: [] } },
      namespace,
    ).then(
      () => 'may start',
      (error) => error.details.key,
    )
  const many = (count: number, by: string, state: 'True' | 'Unknown' | undefined) =>
    Array.from({ length: count }, (_, i) => run(`${by}-${i}`, by, state))

  items = [...many(5, 'ada', undefined), ...many(4, 'ada', 'Unknown'), ...many(90, 'ada', 'True')]
  expect(await outcomeFor('ada')).toBe('may start')
  const ofBinding = many(60, 'bo', 'Unknown').map((one) => ({
    ...one,
    metadata: { ...one.metadata, labels: { 'bindery.dev/binding-uid': 'u' } },
  }))
  items = [...many(10, 'ada', 'Unknown'), ...ofBinding]
  expect(await outcomeFor('ada')).toBe('run.tooManyOwn')
  expect(await outcomeFor('bo')).toBe('may start')
  items = [1, 2, 3, 4, 5].flatMap((i) => many(10, `p${i}`, undefined))
  expect(await outcomeFor('bo')).toBe('run.tooMany')
})
