import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { runDemo } from '#e2e/support/run-demo.ts'
import { callApi, getAccess, headersOf, type Session, signInOverHttp } from './get-access.ts'
import { keepResult } from './keep-result.ts'
import { rounded } from './numbers.ts'
import { memoryMb, processesUnder } from './process-tree.ts'
import { call, closeConnections } from './read-stream.ts'

/**
 * `npm run bench -- soak`: rounds of the same work, with rest between them, and what each process still holds after each:
 * memory, descriptors, sockets. The first round warms up; what the last one holds more than the second is what leaks.
 * `SOAK_SECONDS` is the length of one round of work.
 */
const seconds = Number(process.env.SOAK_SECONDS ?? 20)
const rounds = Number(process.env.BENCH_ROUNDS ?? 4)
/** Caches of some seconds are empty by then, and the collector has had its turn. */
const restMs = 15_000
const parts = ['web', 'controller', 'gateway']

const demo = await runDemo('bench-soak')
try {
  const ada = await signInOverHttp(demo.url, 'ada')
  const grace = await signInOverHttp(demo.url, 'grace')
  const quota = { requestsPerMinute: 6_000, tokensPerDay: 20_000_000, concurrency: 14 }
  const { namespace, name } = await getAccess(ada, grace, { ...quota, requestsPerMinute: 600 })
  const { run } = await callApi<{ run: { name: string } }>(
    ada,
    'GET',
    `/api/bindings/${namespace}/${name}`,
  )
  const work = {
    answers: () => abortedAnswer(ada, { namespace, name }),
    lists: () => openAndLeave(grace, '/api/stream'),
    logs: () => openAndLeave(grace, `/api/runs/model-serving-prod/${run.name}/log`),
    searches: () =>
      call(
        'GET',
        `${demo.url}/api/runs/model-serving-prod/${run.name}/log/search?q=a`,
        headersOf(grace),
      ),
    bindings: () => call('GET', `${demo.url}/api/bindings`, headersOf(grace)),
  }
  const rows = []
  for (let round = 1; round <= rounds; round++) {
    const done: Record<string, number> = {}
    const untilMs = performance.now() + seconds * 1000
    await Promise.all(
      Object.entries(work).map(async ([what, act]) => {
        done[what] = 0
        while (performance.now() < untilMs) {
          await act()
          done[what]++
          await setTimeout(20)
        }
      }),
    )
    await setTimeout(restMs)
    console.log(`round ${round}: ${JSON.stringify(done)}`)
    for (const part of parts) rows.push({ round, part, ...heldBy(part) })
  }
  console.table(rows)
  keepResult('soak', { seconds, rounds, restMs, rows })
} finally {
  await closeConnections()
  await demo.stop()
}

/** Of all processes of this kind. */
function heldBy(part: string) {
  const pids = processesUnder(demo.pid)
    .filter(({ args }) => new RegExp(`main\\.(js|ts) ${part}\\b`).test(args))
    .map(({ pid }) => pid)
  const open = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`),
  )
  const sockets = open.filter((path) => linkOf(path).startsWith('socket:'))
  const megabytes = pids.reduce((sum, pid) => sum + memoryMb(pid), 0)
  return {
    processes: pids.length,
    memoryMb: rounded(megabytes, 0),
    descriptors: open.length,
    sockets: sockets.length,
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    // Closed while we looked.
    return ''
  }
}

async function openAndLeave({ origin, cookie }: Session, path: string): Promise<void> {
  const leaving = new AbortController()
  const answer = await fetch(origin + path, { headers: { cookie }, signal: leaving.signal })
  await answer.body?.getReader().read()
  leaving.abort()
}

async function abortedAnswer(session: Session, binding: { namespace: string; name: string }) {
  const sampling = { temperature: 1, topP: 0.95, topK: -1, maxTokens: 200 }
  const answer = await call(
    'POST',
    `${session.origin}/api/generations`,
    headersOf(session),
    JSON.stringify({
      question: { text: 'What is 2 + 3?' },
      variants: [{ binding, systemPrompt: '', sampling }],
    }),
  )
  const [generation] = JSON.parse(answer.text).generations ?? []
  if (!generation) return
  await openAndLeave(session, `/api/generations/${generation.id}/events`)
  await call(
    'POST',
    `${session.origin}/api/generations/${generation.id}/stop`,
    headersOf(session),
    '{}',
  )
}
