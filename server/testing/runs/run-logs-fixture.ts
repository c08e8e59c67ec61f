import type { ServerResponse } from 'node:http'
import { expect, onTestFinished } from 'vitest'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import { createLog } from '#server/platform/log.ts'
import { openStore } from '#server/processes/open-store.ts'
import { parseRunCursor } from '#server/runs/log/cursor/run-cursor.ts'
import type { IdentifiedLogEvent } from '#server/runs/log/follow/log-events.ts'
import { createRunLogs, type RunLogs } from '#server/runs/log/follow/run-logs.ts'
import type { RunLogsOptions } from '#server/runs/log/follow/shared-log-follower.ts'
import { redactionBy } from '#server/runs/log/redaction/redaction.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { sendJson, startScripted } from '#server/testing/scripted-api.ts'

export const at = (second: number) =>
  `2026-11-24T00:00:${String(second).padStart(2, '0')}.000000000Z`

export type Phase = 'first' | 'second' | 'done' | 'cancelled'

export function runIn(phase: Phase): TaskRun {
  const order = ['first', 'second', 'done', 'cancelled']
  const running = { startedAt: at(0) }
  const terminated = { exitCode: 0, startedAt: at(0), finishedAt: at(1) }
  const over = phase === 'done' || phase === 'cancelled'
  const step = (name: string, ended: boolean) => ({
    name,
    container: `step-${name}`,
    ...(ended ? { terminated } : { running }),
  })
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      namespace: 'serving',
      name: 'run',
      uid: 'u',
      resourceVersion: String(order.indexOf(phase) + 1),
    },
    spec: {},
    status: {
      podName: 'run-pod',
      startTime: at(0),
      conditions: [
        {
          type: 'Succeeded',
          status: over ? (phase === 'done' ? 'True' : 'False') : 'Unknown',
          reason: phase === 'cancelled' ? 'TaskRunCancelled' : '',
          message: '',
        },
      ],
      steps: [step('first', phase !== 'first'), step('second', phase === 'done')],
    },
  }
}

/** One run in one pod with two steps, whose life the test leads; `hidden`: whoever lists runs is not told of it. */
export async function startRun({ hidden = false } = {}) {
  let phase: Phase = 'first'
  let gone = false
  let forbidden = false
  let removed = hidden
  const logs = new Map<string, string>([
    ['step-first', ''],
    ['step-second', ''],
  ])
  const followers = new Map<string, Set<ServerResponse>>()
  const watchers = new Set<ServerResponse>()
  const reads: string[] = []
  const ended = (container: string) =>
    gone || phase === 'done' || (container === 'step-first' && phase !== 'first')
  const notFound = (response: ServerResponse) =>
    sendJson(response, 404, { kind: 'Status', message: 'gone', details: { name: 'run-pod' } })
  const api = await startScripted((request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    if (url.pathname.endsWith('/log')) {
      if (gone) return notFound(response)
      if (forbidden) {
        return sendJson(response, 403, { kind: 'Status', reason: 'Forbidden', message: 'no' })
      }
      const container = url.searchParams.get('container') ?? ''
      reads.push(container)
      response.writeHead(200)
      response.write(logs.get(container) ?? '')
      if (url.searchParams.get('follow') !== 'true' || ended(container)) return response.end()
      response.flushHeaders()
      const open = followers.get(container) ?? new Set()
      followers.set(container, open.add(response))
      return response.on('close', () => open.delete(response))
    }
    if (url.pathname.includes('/pods/')) {
      if (gone) return notFound(response)
      const containerStatuses = [...logs.keys()].map((name) => ({
        name,
        state: ended(name) ? { terminated: { exitCode: 0 } } : { running: {} },
      }))
      return sendJson(response, 200, {
        kind: 'Pod',
        metadata: {},
        status: { phase: 'Running', containerStatuses },
      })
    }
    if (url.searchParams.has('watch')) {
      response.writeHead(200).flushHeaders()
      return watchers.add(response)
    }
    sendJson(response, 200, {
      kind: 'List',
      metadata: { resourceVersion: '1' },
      items: removed ? [] : [runIn(phase)],
    })
  })
  const over = new AbortController()
  onTestFinished(async () => {
    over.abort()
    await api.close()
  })
  const kube = connectKube({ kubeconfigText: api.kubeconfig, signal: over.signal })
  const runs = sharedWatch(kube, TaskRun, { namespace: 'serving', signal: over.signal })
  const log = createLog('test', 'error')
  const { signal } = over
  const { archive } = await openStore(await databaseUrl(), { signal, log })
  const redaction = redactionBy()
  const tell = (type: string, change: Partial<TaskRun['metadata']>) => {
    const { metadata, ...rest } = runIn(phase)
    const object = { ...rest, metadata: { ...metadata, ...change } }
    for (const watcher of watchers) watcher.write(`${JSON.stringify({ type, object })}\n`)
  }
  const options = { kube, runs, archive, redaction, log, signal }
  const another = (more: Partial<RunLogsOptions> = {}) => createRunLogs({ ...options, ...more })
  return {
    logs: another(),
    another,
    options,
    archive,
    run: () => runIn(phase),
    /** How often this container's log was asked for. */
    reads: (container: string) => reads.filter((one) => one === container).length,
    /** How many follow it now. */
    following: (container: string) => followers.get(container)?.size ?? 0,
    write(container: string, second: number, ...texts: string[]) {
      const line = texts.map((text) => `${at(second)} ${text}\n`).join('')
      logs.set(container, (logs.get(container) ?? '') + line)
      for (const follower of followers.get(container) ?? []) follower.write(line)
    },
    /** Whether logs may be read. */
    forbid(is: boolean) {
      forbidden = is
    },
    async remove() {
      removed = true
      tell('DELETED', { resourceVersion: '9' })
      await expect.poll(() => runs.list()).toEqual([])
    },
    /** Another run takes its name. */
    async replace() {
      tell('MODIFIED', { resourceVersion: '9', uid: 'another' })
      await expect.poll(() => runs.list()).toMatchObject([{ metadata: { uid: 'another' } }])
    },
    /** `isTold`: whoever watches runs is told of it. */
    async go(next: Phase, isTold = true) {
      await expect.poll(() => watchers.size).toBeGreaterThan(0)
      phase = next
      gone = next === 'cancelled'
      if (isTold) tell('MODIFIED', {})
      for (const [container, open] of followers) {
        if (ended(container)) for (const follower of open) follower.end()
      }
    },
  }
}

export function read(logs: RunLogs, run: TaskRun, from?: string) {
  const events: IdentifiedLogEvent[] = []
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const done = (async () => {
    for await (const event of logs.follow({ run }, parseRunCursor(from), leaving.signal)) {
      events.push(event)
    }
  })()
  const texts = () =>
    events.flatMap((one) =>
      one.event === 'lines' ? one.data.lines.map(({ step, text }) => `${step}: ${text}`) : [],
    )
  return { events, texts, done }
}

export function gapsOf(events: IdentifiedLogEvent[]) {
  return events.filter(({ event }) => event === 'gap')
}
