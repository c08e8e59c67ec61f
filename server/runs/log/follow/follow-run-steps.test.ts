import { expect, onTestFinished, test } from 'vitest'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { createRedactor } from '#server/runs/model/redact.ts'
import type { TaskRun, TaskRunStatus } from '#server/runs/model/task-run.ts'
import { sendJson, startScripted } from '#server/testing/scripted-api.ts'
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
  const { kube, over } = connected(api)
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: 'serving', name: 'run' },
    spec: {},
    status: { ...attempt('pod-2'), retriesStatus: [attempt('pod-0'), attempt('pod-1')] },
  }
  const watched = {
    current: () => run,
    last: () => run,
    changed: () => Promise.reject(new Error('waits')),
  }

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

test('a step that was cancelled before anybody read it is said to be lost, and none that waited for its turn', async () => {
  const api = await startScripted((_, response) => {
    sendJson(response, 404, { kind: 'Status', message: 'gone', details: { name: 'pod-0' } })
  })
  const { kube, over } = connected(api)
  const ended = (name: string, exitCode: number, terminationReason: string) => ({
    name,
    container: `step-${name}`,
    terminated: { exitCode, startedAt: at, finishedAt: at },
    terminationReason,
  })
  const stopped = 'TaskRunCancelled'
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: 'serving', name: 'run' },
    spec: {},
    status: {
      podName: 'pod-0',
      startTime: at,
      conditions: [{ type: 'Succeeded', status: 'False', reason: stopped, message: '' }],
      steps: [ended('done', 0, 'Completed'), ended('cut', 1, stopped), ended('next', 1, stopped)],
    },
  }
  for (const now of [run, undefined]) {
    const changed = () => Promise.reject(new Error('waits'))
    const watched = { current: () => now, last: () => run, changed }
    const redactor = () => createRedactor()
    const lost: string[] = []
    const parts = followRunSteps({ kube, watched, redactor, signal: over.signal })
    for await (const { entries } of parts) {
      for (const entry of entries) {
        lost.push(`${entry.step} ${'text' in entry ? entry.text : entry.reason}`)
      }
    }
    expect(lost).toEqual(['done pod-gone', 'cut pod-gone'])
  }
})

test('of a line that was cut no half of a secret is told, and all that is left out is counted', async () => {
  const secret = `ghp_${'a1'.repeat(18)}`
  const words = 40_000
  const api = await startScripted((request, response) => {
    if (new URL(request.url ?? '', 'http://x').pathname.endsWith('/log')) {
      return response.end(`${at} ${`${secret} `.repeat(words)}\n${at} next\n`)
    }
    sendJson(response, 200, { kind: 'Pod', metadata: {}, status: { phase: 'Failed' } })
  })
  const { kube, over } = connected(api)
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: 'serving', name: 'run' },
    spec: {},
    status: { ...attempt('pod-0'), steps: attempt('pod-0').steps?.slice(0, 1) },
  }
  const changed = () => Promise.reject(new Error('waits'))
  const watched = { current: () => run, last: () => run, changed }
  const redactor = () => createRedactor()
  const lines: { text: string; cut?: number }[] = []
  for await (const { entries } of followRunSteps({
    kube,
    watched,
    redactor,
    signal: over.signal,
  })) {
    for (const entry of entries) if ('text' in entry) lines.push(entry)
  }
  expect(lines.pop()?.text).toBe('next')
  const text = lines.map((line) => line.text).join('')
  const told = text.split('[redacted:git-token] ').length - 1
  expect(text).toBe('[redacted:git-token] '.repeat(told))
  expect(told).toBeGreaterThan(20_000)
  expect(lines.at(-1)?.cut).toBe((words - told) * (secret.length + 1))
})

/** Asks this API until the test is over. */
function connected(api: Awaited<ReturnType<typeof startScripted>>) {
  const over = new AbortController()
  onTestFinished(async () => {
    over.abort()
    await api.close()
  })
  return { over, kube: connectKube({ kubeconfigText: api.kubeconfig, signal: over.signal }) }
}
