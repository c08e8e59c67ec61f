import { expect, onTestFinished, test } from 'vitest'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { createChangeSignal } from '#server/platform/time/change-signal.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { createLogFreshness } from './log-freshness.ts'

const at = (nanos: number) => `2026-11-24T00:00:00.${String(nanos).padStart(9, '0')}Z`

/** A run of two steps in its second attempt, whose kubelet has these last lines of each. */
async function startFollowed() {
  const tails: Record<string, string | number> = { 'step-one': '', 'step-two': '' }
  const asked: string[] = []
  const api = await startScripted((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
    if (!pathname.endsWith('/log')) return sendJson(response, 200, run)
    const container = searchParams.get('container') ?? ''
    asked.push(`${pathname.split('/').at(-2)} ${container} ${searchParams.get('tailLines')}`)
    const tail = tails[container]
    if (typeof tail === 'string') return response.end(tail)
    sendJson(response, tail ?? 404, { kind: 'Status', code: tail, message: 'waiting to start' })
  })
  const over = new AbortController()
  onTestFinished(async () => {
    over.abort()
    await api.close()
  })
  const { signal } = over
  const step = (name: string) => ({
    name,
    container: `step-${name}`,
    running: { startedAt: at(0) },
  })
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: 'serving', name: 'run' },
    spec: {},
    status: {
      podName: 'run-pod-retry1',
      startTime: at(0),
      steps: [step('one'), step('two')],
      retriesStatus: [{ podName: 'run-pod' }],
    },
  }
  const kube = connectKube({ kubeconfigText: api.kubeconfig, signal })
  const wake = createChangeSignal()
  const catchUp = createLogFreshness({
    ...{ kube, wake, signal, container: undefined },
    run: () => run,
    isOver: () => false,
  })
  const read = (step: number, nanos: number, count = 1) => {
    catchUp.read({ attempt: 1, step, at: at(nanos), count, redaction: 0 })
    wake.notify()
  }
  return { kube, catchUp, tails, asked, read }
}

test('a log is caught up with once the line is read that was its last when this was asked', async () => {
  const { kube, catchUp, tails, asked, read } = await startFollowed()
  catchUp.reached({ attempt: 1, step: 0 })
  expect(await catchUp.caughtUp()).toBe(true)
  expect(asked).toEqual(['run-pod-retry1 step-one 20', 'run-pod-retry1 step-two 20'])

  tails['step-one'] = `${at(1)} a\n${at(5)} b\n${at(5)} c\n`
  let isCaughtUp: boolean | undefined
  const waits = catchUp.caughtUp().then((is) => {
    isCaughtUp = is
  })
  read(0, 1)
  read(0, 5, 1)
  // By the time that another question is answered, this one was too.
  await expect.poll(() => asked).toHaveLength(4)
  await kube.find(TaskRun, { namespace: 'serving', name: 'run' })
  expect(isCaughtUp).toBeUndefined()
  read(0, 5, 2)
  await waits
  expect(isCaughtUp).toBe(true)

  // The next step writes already, and it is not followed yet.
  tails['step-two'] = `${at(7)} d\n`
  const next = catchUp.caughtUp()
  catchUp.reached({ attempt: 1, step: 1 })
  read(1, 7)
  expect(await next).toBe(true)
  tails['step-two'] = 400
  expect(await catchUp.caughtUp()).toBe(false)
})

test('where nobody can say how far a log is written, nothing is promised', async () => {
  const { catchUp, tails, asked, read } = await startFollowed()
  // An attempt before the one that runs is still read.
  catchUp.reached({ attempt: 0, step: 1 })
  expect(await catchUp.caughtUp()).toBe(false)
  expect(asked).toEqual([])
  catchUp.reached({ attempt: 1, step: 0 })
  tails['step-one'] = 500
  expect(await catchUp.caughtUp()).toBe(false)
  // Only the end of a line that the kubelet keeps in pieces: its time is that of a piece.
  tails['step-one'] = `${at(9)} ${'x'.repeat(19 * 16 * 1024)}\n`
  expect(await catchUp.caughtUp()).toBe(false)
  // Rotated away since it was read.
  read(0, 3)
  tails['step-one'] = ''
  expect(await catchUp.caughtUp()).toBe(false)
})
