import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { layOutImages } from '#e2e/support/lay-out-images.ts'
import { runDemo } from '#e2e/support/run-demo.ts'
import { closeFollowers, type Followed, followGeneration } from './follow-generation.ts'
import { callApi, getAccess, type Session, signInOverHttp } from './get-access.ts'
import { keepResult } from './keep-result.ts'
import { raiseLimits } from './look-up.ts'
import { percentile, rounded } from './numbers.ts'
import { cpuMs } from './process-tree.ts'
import { startEngine } from './start-engine.ts'

/**
 * `npx tsx e2e/bench/viewers.ts`: one generation that 200 follow from two web processes, against one that a single
 * viewer follows; and viewers that reload in the middle of it.
 */
const tokensPerSecond = 50
const tokens = 1500
const reloads = 40
const quota = { requestsPerMinute: 6000, tokensPerDay: 1_000_000_000, concurrency: 64 }
const ada = { id: 'ada', name: 'Ada Okafor', role: 'researcher', groups: ['research-team-a'] }

type Row = {
  viewers: number
  tokens: number
  seconds: number
  /** How much later than whom it reached first a piece of text is with a viewer. */
  lagMs: { p50: number; p99: number; max: number }
  /** Both webs, per token of the answer. */
  cpuMicrosPerToken: number
  same: boolean
  repeated: number
}

const stops = [closeFollowers]
try {
  const measured = await measure()
  console.log(JSON.stringify(measured, null, 2))
  keepResult('viewers', { tokensPerSecond, ...measured })
} finally {
  for (const stop of stops.reverse()) await stop()
}

async function measure() {
  const engine = await startEngine(tokensPerSecond)
  stops.push(() => engine.stop())
  const demo = await runDemo('bench-viewers', { INFERENCE_URL: engine.url })
  stops.push(() => demo.stop())
  // Where the cluster is, is read when these are loaded.
  process.env.DEMO_STATE = '.bindery/bench-viewers'
  const { startSecondWeb, untilHealthy } = await import('#e2e/support/second-web.ts')
  const { freePort } = await import('#e2e/support/free-port.ts')
  layOutImages()
  const port = await freePort()
  const settings = { DEMO_PEOPLE: JSON.stringify([ada]) }
  const second = await startSecondWeb(port, settings)
  stops.push(() => second.stop())
  const origin = `http://localhost:${port}`
  await untilHealthy(origin)

  const here = await signInOverHttp(demo.url, 'ada')
  const there = await signInOverHttp(origin, 'ada')
  await raiseLimits(demo.stateDir, quota)
  const binding = await getAccess(here, await signInOverHttp(demo.url, 'grace'), quota)
  const pids = [Number(readFileSync(join(demo.stateDir, 'web.pid'), 'utf8')), second.pid]

  const ask = async () => {
    const sampling = { temperature: 1, topP: 0.95, topK: -1, maxTokens: tokens }
    const { namespace, name } = binding
    const variant = { binding: { namespace, name }, systemPrompt: '', sampling }
    const asked = await callApi<{ generations: { id: string }[] }>(
      here,
      'POST',
      '/api/generations',
      { question: { text: `#bench:${tokens}` }, variants: [variant] },
    )
    return asked.generations[0]?.id ?? ''
  }
  const rows: Row[] = []
  for (const viewers of [1, 2, 200]) {
    const sessions = Array.from({ length: viewers }, (_, i) => (i % 2 === 0 ? here : there))
    rows.push(await watch(sessions, await ask(), pids))
  }
  return { rows, reload: await reload([here, there], await ask()) }
}

async function watch(sessions: Session[], id: string, pids: number[]): Promise<Row> {
  const cpuBefore = cpuMs(pids)
  const startedMs = performance.now()
  const all = await Promise.all(sessions.map((one) => followGeneration(one, id, undefined)))
  const seconds = (performance.now() - startedMs) / 1000
  const used = cpuMs(pids) - cpuBefore
  const lags = lagsOf(all)
  return {
    viewers: sessions.length,
    tokens,
    seconds: rounded(seconds),
    lagMs: {
      p50: rounded(percentile(lags, 0.5)),
      p99: rounded(percentile(lags, 0.99)),
      max: rounded(percentile(lags, 1)),
    },
    cpuMicrosPerToken: rounded((used * 1000) / tokens, 1),
    same: all.every(({ text, ended }) => ended && text === all[0]?.text),
    repeated: all.reduce((sum, one) => sum + one.repeated, 0),
  }
}

/** For each length that a viewer's text reached: how long after the first viewer whose text was as long. */
function lagsOf(all: Followed[]): number[] {
  const first: number[] = []
  const arrivals = all.flatMap(({ grew }) => grew).sort((a, b) => a.atMs - b.atMs)
  let reached = 0
  for (const { chars, atMs } of arrivals) {
    while (reached < chars) first[++reached] = atMs
  }
  return all.flatMap(({ grew }) => grew.map(({ chars, atMs }) => atMs - (first[chars] ?? atMs)))
}

/** Half go on behind the last event that they saw, as a cut stream does; half begin anew, as a page that is loaded. */
async function reload(sessions: Session[], id: string) {
  const times: number[] = []
  const all = await Promise.all(
    Array.from({ length: reloads }, async (_, i) => {
      const session = sessions[i % 2] ?? sessions[0]
      if (!session) throw new Error('Nobody is signed in.')
      const leaveAt = 500 + i * 40
      const before = await followGeneration(
        session,
        id,
        undefined,
        ({ text }) => text.length >= leaveAt,
      )
      const startedMs = performance.now()
      let back: number | undefined
      const after = await followGeneration(
        session,
        id,
        i % 4 < 2 ? before : undefined,
        ({ text }) => {
          if (text.length > before.text.length) back ??= performance.now()
          return false
        },
      )
      times.push((back ?? performance.now()) - startedMs)
      return after
    }),
  )
  const whole = await followGeneration(sessions[0] as Session, id, undefined)
  return {
    reloads,
    /** From the reload to the first text that was not there before. */
    backMs: { p50: rounded(percentile(times, 0.5)), p99: rounded(percentile(times, 0.99)) },
    lost: all.filter(({ text }) => text !== whole.text).length,
    repeated: all.reduce((sum, one) => sum + one.repeated, 0),
  }
}
