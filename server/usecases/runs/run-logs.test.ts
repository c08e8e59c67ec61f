import type { ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { goneRun } from '#server/domain/runs/gone-run.ts'
import { TaskRun } from '#server/domain/runs/task-run.ts'
import { connectKube } from '#server/kube/connect-kube.ts'
import { sendJson, startScripted } from '#server/kube/scripted-api.ts'
import { sharedWatch } from '#server/kube/shared-watch.ts'
import { createLog } from '#server/log.ts'
import { databaseUrl } from '#server/store/database-url.ts'
import { openStore } from '#server/store/open-store.ts'
import type { LogHistory } from '#server/usecases/audit/with-history.ts'
import { redactionBy } from './redaction.ts'
import { parseRunCursor } from './run-cursor.ts'
import { createRunLogs, type RunLogs } from './run-logs.ts'
import type { IdentifiedLogEvent } from './tell-log.ts'

const at = (second: number) => `2026-11-24T00:00:${String(second).padStart(2, '0')}.000000000Z`

type Phase = 'first' | 'second' | 'done' | 'cancelled'

function runIn(phase: Phase): TaskRun {
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

/** One run in one pod with two steps, whose life the test leads. */
async function startRun() {
  let phase: Phase = 'first'
  let gone = false
  let removed = false
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
      const container = url.searchParams.get('container') ?? ''
      reads.push(container)
      response.writeHead(200)
      response.write(logs.get(container) ?? '')
      if (url.searchParams.get('follow') !== 'true' || ended(container)) return response.end()
      response.flushHeaders()
      const open = followers.get(container) ?? new Set()
      followers.set(container, open.add(response))
      return
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
  const another = (history?: LogHistory) =>
    createRunLogs({ kube, runs, archive, history, redaction, log, signal })
  return {
    logs: another(),
    another,
    archive,
    run: () => runIn(phase),
    /** How often this container's log was asked for. */
    reads: (container: string) => reads.filter((one) => one === container).length,
    write(container: string, second: number, ...texts: string[]) {
      const line = texts.map((text) => `${at(second)} ${text}\n`).join('')
      logs.set(container, (logs.get(container) ?? '') + line)
      for (const follower of followers.get(container) ?? []) follower.write(line)
    },
    async remove() {
      removed = true
      const { metadata, ...rest } = runIn(phase)
      const object = { ...rest, metadata: { ...metadata, resourceVersion: '9' } }
      for (const watcher of watchers) {
        watcher.write(`${JSON.stringify({ type: 'DELETED', object })}\n`)
      }
      await expect.poll(() => runs.list()).toEqual([])
    },
    async go(next: Phase) {
      await expect.poll(() => watchers.size).toBeGreaterThan(0)
      phase = next
      gone = next === 'cancelled'
      for (const watcher of watchers) {
        watcher.write(`${JSON.stringify({ type: 'MODIFIED', object: runIn(next) })}\n`)
      }
      for (const [container, open] of followers) {
        if (ended(container)) for (const follower of open) follower.end()
      }
    },
  }
}

function read(logs: RunLogs, run: TaskRun, from?: string) {
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

function gapsOf(events: IdentifiedLogEvent[]) {
  return events.filter(({ event }) => event === 'gap')
}

test('all steps in their order, live, and from where a reader stood in any process', async () => {
  const cluster = await startRun()
  const reader = read(cluster.logs, cluster.run())
  cluster.write('step-first', 1, 'a')
  await expect.poll(reader.texts).toEqual(['first: a'])
  cluster.write('step-first', 1, 'b')
  await cluster.go('second')
  cluster.write('step-second', 2, 'c')
  await expect.poll(reader.texts).toEqual(['first: a', 'first: b', 'second: c'])
  await cluster.go('done')
  await reader.done
  expect(reader.texts()).toEqual(['first: a', 'first: b', 'second: c'])
  expect(reader.events.at(-1)).toEqual({ event: 'end', data: { state: 'succeeded', rows: 3 } })

  const from = `first@${at(1)}#1`
  for (const logs of [cluster.logs, cluster.another()]) {
    const again = read(logs, cluster.run(), from)
    await again.done
    expect(again.texts()).toEqual(['first: b', 'second: c'])
  }
})

test('a cancelled run took its pod with it; what nobody had asked for yet is still there', async () => {
  const cluster = await startRun()
  const early = read(cluster.logs, cluster.run())
  cluster.write('step-first', 1, 'a')
  await expect.poll(early.texts).toEqual(['first: a'])
  await cluster.go('second')
  cluster.write('step-second', 2, 'working')
  await expect.poll(early.texts).toContain('second: working')
  await cluster.go('cancelled')
  await early.done
  const late = read(cluster.logs, cluster.run())
  await late.done
  expect(late.texts()).toEqual(['first: a', 'second: working'])
  expect(late.events.at(-1)).toMatchObject({ event: 'end', data: { state: 'cancelled' } })

  const elsewhere = read(cluster.another(), cluster.run())
  await elsewhere.done
  expect(elsewhere.texts()).toEqual([])
  const gaps = ['first', 'second'].map((step, index) => {
    return { event: 'gap', data: { row: index + 1, rows: 1, step, reason: 'pod-gone' } }
  })
  expect(gapsOf(elsewhere.events)).toEqual(gaps)

  // Somebody else kept it; its secrets are taken out here all the same.
  const loki: LogHistory = {
    async *readRun() {
      yield [{ step: 'first', at: at(1), count: 1, text: 'PASSWORD=a b' }]
    },
  }
  const before = read(cluster.another(loki), cluster.run())
  await before.done
  expect(before.texts()).toEqual(['first: PASSWORD=[redacted:variable]'])
  expect(gapsOf(before.events)).toEqual([])

  // With the run gone too, its pod's name may be that of another: nothing is asked of it.
  const asked = cluster.reads('step-first')
  await cluster.remove()
  const gone = read(cluster.another(), goneRun(cluster.run(), new Date(at(9))))
  await gone.done
  expect(gapsOf(gone.events)).toEqual(gaps)
  expect(cluster.reads('step-first')).toBe(asked)
})

test('many readers, one upstream; a slow one holds nobody back, is told, and loses nothing', async () => {
  const cluster = await startRun()
  const slow = cluster.logs.follow({ run: cluster.run() }, undefined, new AbortController().signal)
  const slowly = slow[Symbol.asyncIterator]()
  expect((await slowly.next()).value).toMatchObject({ event: 'steps' })
  const readers = Array.from({ length: 20 }, () => read(cluster.logs, cluster.run()))
  const lines = Array.from({ length: 25_000 }, (_, index) => `line ${index}`)
  cluster.write('step-first', 1, ...lines)
  await cluster.go('second')
  await cluster.go('done')
  for (const reader of readers) {
    await reader.done
    expect(reader.texts()).toHaveLength(lines.length)
    expect(gapsOf(reader.events)).toEqual([])
  }
  // Once while it was written, and once more for what was left at its end.
  expect(cluster.reads('step-first')).toBeLessThanOrEqual(3)

  const told: string[] = []
  const behind: number[] = []
  for (let next = await slowly.next(); !next.done; next = await slowly.next()) {
    const { value } = next
    if (value.event === 'lines') told.push(...value.data.lines.map(({ text }) => text))
    if (value.event === 'behind') behind.push(value.data.rows)
  }
  expect(told).toEqual(lines)
  expect(behind[0]).toBeGreaterThan(10_000)
  expect(behind.at(-1)).toBe(0)
})

test('long lines, bytes that are no text, progress bars and a missing last line break', async () => {
  const cluster = await startRun()
  const reader = read(cluster.logs, cluster.run())
  const long = 'é'.repeat(500_000)
  const lines = [
    long,
    '\u001b[38;5;208m10%\r\u001b[0m100%\r',
    '',
    'a\u0000b',
    'x'.repeat(1_200_000),
  ]
  cluster.write('step-first', 1, ...lines)
  await cluster.go('second')
  await cluster.go('done')
  await reader.done
  const rows = reader.events.flatMap((one) => (one.event === 'lines' ? one.data.lines : []))
  const whole: string[] = []
  for (const { text, continues } of rows) {
    expect(text.length).toBeLessThanOrEqual(16 * 1024)
    if (continues) whole.push(`${whole.pop()}${text}`)
    else whole.push(text)
  }
  expect(whole.slice(0, 4)).toEqual(lines.slice(0, 4))
  // A line without a blank that is longer than a megabyte: what is left out is counted.
  const cut = rows.find((row) => row.cut)?.cut ?? 0
  expect((whole[4]?.length ?? 0) + cut).toBe(1_200_000)
  expect(cut).toBeGreaterThan(150_000)
})
