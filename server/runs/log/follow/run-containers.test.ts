import { expect, onTestFinished, test } from 'vitest'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { createRedactor } from '#server/runs/model/redact.ts'
import type { TaskRun, TaskRunStatus } from '#server/runs/model/task-run.ts'
import { sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { followRunContainer, runContainers } from './run-containers.ts'

const at = (second: number) => `2026-11-24T00:00:0${second}.000000000Z`

function runWith(status: Partial<TaskRunStatus>, ended = false): TaskRun {
  const condition = { type: 'Succeeded', reason: '', message: '' }
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: 'serving', name: 'run', uid: 'u' },
    spec: {},
    status: {
      podName: 'pod-0',
      startTime: at(0),
      conditions: [{ ...condition, status: ended ? 'True' : 'Unknown' }],
      ...(ended ? { completionTime: at(9) } : {}),
      ...status,
    },
  }
}

/** Pods with an init container, a step and two sidecars; the first sidecar of each was started twice. */
async function startKubelet() {
  const logs: Record<string, string> = {
    'pod-0 prepare': `${at(1)} prepared\n`,
    'pod-0 sidecar-db previous': `${at(1)} before\n`,
    'pod-0 sidecar-db': `${at(2)} after\n`,
    'pod-1 sidecar-db': `${at(3)} again\n`,
  }
  const api = await startScripted((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
    const [, pod = ''] = /\/pods\/([^/]+)/.exec(pathname) ?? []
    if (pod === 'pod-gone') {
      return sendJson(response, 404, { kind: 'Status', message: 'gone', details: { name: pod } })
    }
    if (pathname.endsWith('/log')) {
      const which = searchParams.get('previous') === 'true' ? ' previous' : ''
      return response.end(logs[`${pod} ${searchParams.get('container')}${which}`] ?? '')
    }
    const over = { terminated: { exitCode: 0 } }
    const restartCount = pod === 'pod-0' ? 1 : 0
    sendJson(response, 200, {
      kind: 'Pod',
      metadata: { name: pod },
      spec: {
        initContainers: [{ name: 'prepare' }],
        containers: ['step-work', 'sidecar-db', 'sidecar-web'].map((name) => ({ name })),
      },
      status: {
        phase: pod === 'pod-open' ? 'Running' : 'Succeeded',
        initContainerStatuses: [{ name: 'prepare', state: over }],
        containerStatuses: [
          { name: 'step-work', state: { running: {} } },
          { name: 'sidecar-db', state: { running: {} }, restartCount },
          { name: 'sidecar-web', state: { waiting: { reason: 'ContainerCreating' } } },
        ],
      },
    })
  })
  const over = new AbortController()
  onTestFinished(async () => {
    over.abort()
    await api.close()
  })
  return { kube: connectKube({ kubeconfigText: api.kubeconfig, signal: over.signal }), over }
}

test('beside the steps there is what else runs in the pod, and how far it is', async () => {
  const { kube } = await startKubelet()
  const asWritten = [
    { name: 'prepare', kind: 'init', state: 'ended' },
    { name: 'sidecar-db', kind: 'sidecar', state: 'running' },
    { name: 'sidecar-web', kind: 'sidecar', state: 'waiting' },
  ]
  expect(await runContainers(kube, runWith({ podName: 'pod-open' }))).toEqual(asWritten)
  // Whatever the kubelet has not said yet: with its run, everything in a pod has ended.
  const ended = asWritten.map((one) => ({ ...one, state: 'ended' }))
  expect(await runContainers(kube, runWith({ podName: 'pod-open' }, true))).toEqual(ended)
})

test('of a pod that is gone there is what was kept, and what its run says', async () => {
  const { kube } = await startKubelet()
  const db = { name: 'db', container: 'sidecar-db' }
  const run = runWith({ podName: 'pod-gone', sidecars: [db] }, true)
  const asked: string[] = []
  const listParts = async (uid: string) => {
    asked.push(uid)
    return ['sidecar-web', 'steps', 'sidecar-db', 'prepare']
  }
  const names = async (archive: { listParts(uid: string): Promise<string[]> }) =>
    (await runContainers(kube, run, archive)).map(({ name, kind, state }) => [name, kind, state])
  expect(await names({ listParts })).toEqual([
    ['prepare', 'init', 'ended'],
    ['sidecar-web', 'sidecar', 'ended'],
    ['sidecar-db', 'sidecar', 'ended'],
  ])
  expect(asked).toEqual(['u'])
  const away = () => Promise.reject(new Error('The database does not answer.'))
  expect(await names({ listParts: away })).toEqual([['sidecar-db', 'sidecar', 'ended']])
})

test('a sidecar is read from its first start to its last, attempt after attempt', async () => {
  const { kube, over } = await startKubelet()
  const run = runWith({ podName: 'pod-1', retriesStatus: [{ podName: 'pod-0' }] }, true)
  const changed = () => Promise.reject(new Error('waits'))
  const watched = { current: () => run, last: () => run, changed }
  const redactor = () => createRedactor()
  const options = { kube, watched, redactor, signal: over.signal }
  const read = async (container: string) => {
    const told: unknown[] = []
    for await (const { entries, at } of followRunContainer(options, container)) {
      for (const entry of entries) {
        told.push(['text' in entry ? entry.text : entry.reason, entry.attempt, at?.attempt])
      }
    }
    return told
  }
  expect(await read('sidecar-db')).toEqual([
    ['before', undefined, 0],
    ['after', undefined, 0],
    ['again', 2, 1],
  ])
  expect(await read('prepare')).toEqual([['prepared', undefined, 0]])
})
