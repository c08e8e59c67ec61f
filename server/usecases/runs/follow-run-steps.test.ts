import { expect, onTestFinished, test } from 'vitest'
import { createRedactor } from '#server/domain/runs/redact.ts'
import type { TaskRun, TaskRunStatus } from '#server/domain/runs/task-run.ts'
import { connectKube } from '#server/kube/connect-kube.ts'
import { sendJson, startScripted } from '#server/kube/scripted-api.ts'
import { followRunSteps } from './follow-run-steps.ts'

const at = '2026-11-24T00:00:00.000000000Z'

/** An attempt of a run whose first step failed; `second` says in the log that it was skipped. */
function attempt(podName: string): TaskRunStatus {
  const step = (name: string) => ({
    name,
    container: `step-${name}`,
    terminated: { exitCode: 1, startedAt: at, finishedAt: at, reason: 'Error' },
  })
  return {
    podName,
    startTime: at,
    completionTime: at,
    conditions: [{ type: 'Succeeded', status: 'False', reason: 'Failed', message: '' }],
    steps: [step('first'), step('second')],
  }
}

test('every attempt is read to its end, also those that were over before anybody looked', async () => {
  const api = await startScripted((request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    const [, pod = ''] = /\/pods\/([^/]+)/.exec(url.pathname) ?? []
    if (url.pathname.endsWith('/log')) {
      return response.end(`${at} ${url.searchParams.get('container')} of ${pod}\n`)
    }
    const containerStatuses = ['step-first', 'step-second'].map((name) => ({
      name,
      state: { terminated: { exitCode: 1 } },
    }))
    sendJson(response, 200, {
      kind: 'Pod',
      metadata: {},
      status: { phase: 'Failed', containerStatuses },
    })
  })
  const over = new AbortController()
  onTestFinished(async () => {
    over.abort()
    await api.close()
  })
  const kube = connectKube({ kubeconfigText: api.kubeconfig, signal: over.signal })
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: 'serving', name: 'run' },
    spec: {},
    status: { ...attempt('pod-2'), retriesStatus: [attempt('pod-0'), attempt('pod-1')] },
  }
  const watched = { current: () => run, changed: () => Promise.reject(new Error('waits')) }

  const lines: string[] = []
  const redactor = () => createRedactor()
  const parts = followRunSteps({ kube, watched, redactor, signal: over.signal })
  for await (const { entries } of parts) {
    for (const entry of entries) lines.push('text' in entry ? entry.text : entry.reason)
  }
  expect(lines).toEqual(
    ['pod-0', 'pod-1', 'pod-2'].flatMap((pod) => [`step-first of ${pod}`, `step-second of ${pod}`]),
  )
})
