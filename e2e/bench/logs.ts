import { setMaxListeners } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { parse } from 'yaml'
import { runDemo } from '#e2e/support/run-demo.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { callApi, headersOf, type Session, signInOverHttp } from './get-access.ts'
import { keepResult } from './keep-result.ts'
import { percentile } from './numbers.ts'
import { memoryMb } from './process-tree.ts'
import { closeConnections } from './read-stream.ts'

/**
 * `npx tsx e2e/bench/logs.ts`: lines per second from the kubelet to a reader, with the API server's own log endpoint as
 * the reference, the time to the first line, and what readers cost the web in memory.
 */
const serving = 'model-serving-prod'
const flood = 200_000
const viewerCounts = [1, 100, 1_000]
const logCount = 100
/** Lines per second of each log that is live. */
const liveLinesPerSecond = 10
const line =
  'a line of a log that is about as long as lines of logs are, with a number and a word or two'

const agent = new Agent({ connections: null, bodyTimeout: 0 })
const demo = await runDemo('bench-logs')
try {
  const grace = await signInOverHttp(demo.url, 'grace')
  const web = webPid()
  // First, so that what a reader costs is not lost in what a flood leaves behind.
  const viewers = await measureViewers(grace, web)
  const speed = await measureSpeed(grace)
  const manyLogs = await measureManyLogs(grace, web)
  const liveLogs = await measureLiveLogs(grace, web)
  const measured = { flood: speed, viewers, manyLogs, liveLogs }
  console.log(JSON.stringify(measured, null, 2))
  keepResult('logs', measured)
} finally {
  await agent.destroy()
  await closeConnections()
  await demo.stop()
}

/** One run that writes as fast as it can, read live by a reader of the web; then again whole, here and there. */
async function measureSpeed(session: Session) {
  const first = Date.now()
  const name = await startRun(
    `sleep 3; date +%s%3N; yes '${line}' | head -n ${flood}; echo the end`,
  )
  await untilRunning(session, name)
  const live = await readLog(session, name)
  const firstLineMs = live.firstAt - Number(live.firstText)
  const startedMs = performance.now()
  const direct = await readDirect(session, name)
  const directSeconds = (performance.now() - startedMs) / 1000
  const again = await readLog(session, name)
  const archived = { linesPerSecond: perSecond(again.rows, again.seconds) }
  const reference = { linesPerSecond: perSecond(direct, directSeconds) }
  return {
    rows: live.rows,
    startedMs: live.startedAt - first,
    writtenToReadMs: firstLineMs,
    openToFirstLineMs: Math.round(again.firstLineMs),
    live: { linesPerSecond: perSecond(live.rows, live.seconds) },
    whole: archived,
    apiServer: reference,
    ratioOfWholeToApiServer: round(archived.linesPerSecond / reference.linesPerSecond),
  }
}

/** Readers of one log that is being written, at some fifty lines per second. */
async function measureViewers(session: Session, web: number) {
  const name = await startRun('i=0; while true; do echo "line $i"; i=$((i+1)); sleep 0.02; done')
  await untilRunning(session, name)
  const found: { viewers: number; webMb: number; kbPerViewer: number }[] = []
  const base = await settledMb(web)
  const stops: AbortController[] = []
  for (const viewers of viewerCounts) {
    while (stops.length < viewers) {
      const stop = new AbortController()
      stops.push(stop)
      void readLog(session, name, stop.signal).catch(() => {})
      if (stops.length % 50 === 0) await wait(200)
    }
    await wait(8_000)
    const webMb = await settledMb(web)
    found.push({ viewers, webMb, kbPerViewer: round(((webMb - base) * 1024) / viewers) })
  }
  for (const stop of stops) stop.abort()
  await callApi(session, 'POST', `/api/runs/${serving}/${name}/cancel`, { why: 'Measured.' })
  return { baseMb: base, found }
}

/** Logs of 2,000 lines each, all read at once. */
async function measureManyLogs(session: Session, web: number) {
  const names: string[] = []
  while (names.length < logCount) {
    const some = await Promise.all(
      Array.from({ length: 5 }, () => startRun(`yes '${line}' | head -n 2000`)),
    )
    for (const name of some) await untilEnded(session, name)
    names.push(...some)
  }
  const base = await settledMb(web)
  const startedMs = performance.now()
  const read = await Promise.all(names.map((name) => readLog(session, name)))
  const seconds = (performance.now() - startedMs) / 1000
  const rows = read.reduce((sum, one) => sum + one.rows, 0)
  const webMb = await settledMb(web)
  return { logs: names.length, rows, baseMb: base, webMb, linesPerSecond: perSecond(rows, seconds) }
}

/** As many logs that are being written, each with a reader: what they cost, and how late a line is. */
async function measureLiveLogs(session: Session, web: number) {
  const pauseSeconds = 1 / liveLinesPerSecond
  const names: string[] = []
  while (names.length < logCount) {
    const some = await Promise.all(
      Array.from({ length: 5 }, () =>
        startRun(`while true; do date +%s%3N; sleep ${pauseSeconds}; done`),
      ),
    )
    for (const name of some) await untilRunning(session, name)
    names.push(...some)
  }
  const base = await settledMb(web)
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const late: number[] = []
  let fromMs = Number.POSITIVE_INFINITY
  const heard = (texts: string[]) => {
    const now = Date.now()
    // What was written before is late by nobody's fault.
    for (const text of texts) if (Number(text) >= fromMs) late.push(now - Number(text))
  }
  for (const name of names) void readLog(session, name, stop.signal, heard).catch(() => {})
  await wait(10_000)
  fromMs = Date.now()
  const startedMs = performance.now()
  await wait(10_000)
  const seconds = (performance.now() - startedMs) / 1000
  const lines = [...late]
  const webMb = await settledMb(web)
  stop.abort()
  for (const name of names) {
    await callApi(session, 'POST', `/api/runs/${serving}/${name}/cancel`, { why: 'Measured.' })
  }
  return {
    logs: names.length,
    baseMb: base,
    webMb,
    linesPerSecond: perSecond(lines.length, seconds),
    lateMs: { p50: percentile(lines, 0.5), p99: percentile(lines, 0.99) },
  }
}

async function startRun(script: string): Promise<string> {
  const { body } = await askCluster('POST', `/apis/tekton.dev/v1/namespaces/${serving}/taskruns`, {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { generateName: 'bench-' },
    spec: {
      taskSpec: {
        steps: [{ name: 'write', image: 'localhost/busybox:1', script: `#!/bin/sh\n${script}\n` }],
      },
    },
  })
  return ((await body.json()) as { metadata: { name: string } }).metadata.name
}

async function readDirect(session: Session, name: string): Promise<number> {
  const { steps } = await callApi<RunView>(session, 'GET', `/api/runs/${serving}/${name}`)
  const { body: run } = await askCluster(
    'GET',
    `/apis/tekton.dev/v1/namespaces/${serving}/taskruns/${name}`,
  )
  const { status } = (await run.json()) as { status: { podName: string } }
  const container = steps[0]?.container ?? ''
  const path = `/api/v1/namespaces/${serving}/pods/${status.podName}/log`
  const { body } = await askCluster('GET', `${path}?container=${container}&timestamps=true`)
  let lines = 0
  for await (const chunk of body) for (const byte of chunk as Buffer) if (byte === 10) lines++
  return lines
}

/** Follows a log to its end, as the page does. */
async function readLog(
  session: Session,
  name: string,
  signal?: AbortSignal,
  heard?: (texts: string[]) => void,
) {
  const url = `${session.origin}/api/runs/${serving}/${name}/log`
  const openedMs = performance.now()
  const startedAt = Date.now()
  const answer = await request(url, { headers: headersOf(session), dispatcher: agent, signal })
  let rest = ''
  let rows = 0
  let firstMs = 0
  let firstAt = 0
  let firstText = ''
  for await (const chunk of answer.body) {
    const events = (rest + chunk).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      if (!event.includes('event: lines')) continue
      const { lines } = JSON.parse(event.slice(event.indexOf('data: ') + 6))
      if (rows === 0) {
        firstMs = performance.now()
        firstAt = Date.now()
        firstText = lines[0].text
      }
      rows += lines.length
      heard?.(lines.map((one: { text: string }) => one.text))
    }
  }
  const seconds = (performance.now() - firstMs) / 1000
  return { rows, seconds, startedAt, firstAt, firstText, firstLineMs: firstMs - openedMs }
}

async function untilRunning(session: Session, name: string): Promise<void> {
  await until(session, name, ({ steps }) => steps[0]?.state === 'running')
}

async function untilEnded(session: Session, name: string): Promise<void> {
  await until(session, name, ({ state }) => state !== 'pending' && state !== 'running')
}

async function until(session: Session, name: string, is: (run: RunView) => boolean): Promise<void> {
  while (!is(await callApi<RunView>(session, 'GET', `/api/runs/${serving}/${name}`))) {
    await wait(50)
  }
}

function askCluster(method: 'GET' | 'POST', path: string, body?: object) {
  const config = parse(readFileSync(join(demo.stateDir, 'kubeconfig'), 'utf8'))
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster
  const tls = { ca: Buffer.from(ca, 'base64').toString() }
  return request(server + path, {
    method,
    dispatcher: new Agent({ connect: tls }),
    headers: {
      authorization: `Bearer ${config.users[0].user.token}`,
      'content-type': 'application/json',
    },
    body: body && JSON.stringify(body),
  })
}

function webPid(): number {
  return Number(readFileSync(join(demo.stateDir, 'web.pid'), 'utf8'))
}

/** The least of some looks: what garbage adds goes again. */
async function settledMb(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let look = 0; look < 6; look++) {
    least = Math.min(least, memoryMb(pid))
    await wait(500)
  }
  return round(least)
}

function perSecond(count: number, seconds: number): number {
  return Math.round(count / seconds)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
