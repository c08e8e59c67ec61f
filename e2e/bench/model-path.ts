import { layOutImages } from '#e2e/support/lay-out-images.ts'
import { freePort, runDemo } from '#e2e/support/run-demo.ts'
import type { AskedView } from '#server/playground/views/conversation-views.ts'
import { measureColdStart } from './cold-start.ts'
import { callApi, getAccess, headersOf, type Session, signInOverHttp } from './get-access.ts'
import { gatewayPod, raiseLimits, tenantToken } from './look-up.ts'
import { isInPod, processesUnder } from './process-tree.ts'
import { closeConnections, readStream } from './read-stream.ts'
import { type Measured, report } from './report.ts'
import { startEngine } from './start-engine.ts'
import { startNginx } from './start-nginx.ts'
import { chatWay, measureHighLoad, measureLowLoad, type Way } from './token-path.ts'

/** `npx tsx e2e/bench/model-path.ts`: what the way to the model costs, and how long everything takes to start. */
const tokensPerSecond = 50
const rounds = 60
/** What the engine takes to read a prompt: nothing shows every piece of work, a GPU's 20 ms what people wait for. */
const promptMs = Number(process.env.PROMPT_MS ?? 0)
const adaOfDemo = { id: 'ada', name: 'Ada Okafor', role: 'researcher', groups: ['research-team-a'] }
const quota = { requestsPerMinute: 6000, tokensPerDay: 1_000_000_000, concurrency: 256 }

const stops = [closeConnections]
try {
  report(await measure())
} finally {
  for (const stop of stops.reverse()) await stop()
}

async function measure(): Promise<Measured> {
  console.log(
    `An engine that reads a prompt in ${promptMs} ms and writes ${tokensPerSecond} tokens per second, and a demo in its front.`,
  )
  const engine = await startEngine(tokensPerSecond, promptMs)
  stops.push(() => engine.stop())
  const engineUrl = engine.url
  const lines: string[] = []
  const demo = await runDemo('bench-demo', { INFERENCE_URL: engineUrl }, (line) => lines.push(line))
  stops.push(() => demo.stop())
  const coldStart = await measureColdStart(demo, lines)

  const grace = await signInOverHttp(demo.url, 'grace')
  await raiseLimits(demo.stateDir, quota)
  const { namespace, name } = await getAccess(await signInOverHttp(demo.url, 'ada'), grace, quota)

  const ways = [chatWay('engine, direct', engineUrl)]
  const nginx = await startNginx(engineUrl)
  if (nginx) {
    stops.push(() => nginx.stop())
    const pids = processesUnder(nginx.pid).map(({ pid }) => pid)
    ways.push(chatWay('nginx', nginx.url, {}, pids))
  } else console.log('There is no nginx here, so nothing can be said in ratios.')
  const pod = await gatewayPod(demo.stateDir)
  const authorization = `Bearer ${await tenantToken(demo.stateDir, namespace)}`
  const pids = processesUnder(demo.pid)
    .filter(({ pid, args }) => / gateway$/.test(args) && isInPod(pid, pod.name))
    .map(({ pid }) => pid)
  ways.push(chatWay('gateway', pod.url, { authorization }, pids))

  const asker = await signInOverHttp(await webBefore(pod.url), 'ada')
  console.log('One answer at a time …')
  const lowLoad = await measureLowLoad([...ways, webWay(asker, { namespace, name })], rounds)
  console.log('Many answers at once …')
  const highLoad = [
    ...(await measureHighLoad(ways, 50, 300)),
    ...(await measureHighLoad(ways, 150, 150)),
  ]
  return { coldStart, lowLoad, highLoad }
}

/** A web of the demo that asks the gateway's pod itself, as every way here does: the Service is the cluster's. */
async function webBefore(gateway: string): Promise<string> {
  // Where the cluster is, is read when these are loaded.
  process.env.DEMO_STATE = '.bindery/bench-demo'
  const { startSecondWeb, untilHealthy } = await import('#e2e/support/second-web.ts')
  layOutImages()
  const port = await freePort()
  const settings = { GATEWAY_URL: gateway, DEMO_PEOPLE: JSON.stringify([adaOfDemo]) }
  const web = await startSecondWeb(port, settings)
  stops.push(() => web.stop())
  const origin = `http://localhost:${port}`
  await untilHealthy(origin)
  return origin
}

/** As the playground does: ask, then follow the answer's events. */
function webWay(session: Session, binding: { namespace: string; name: string }): Way {
  return {
    name: 'web + gateway',
    async ask(tokens) {
      const startedMs = performance.now()
      const sampling = { temperature: 1, topP: 0.95, topK: -1, maxTokens: tokens }
      const { generations } = await callApi<AskedView>(session, 'POST', '/api/generations', {
        question: { text: `#bench:${tokens}` },
        variants: [{ binding, systemPrompt: '', sampling }],
      })
      const url = `${session.origin}/api/generations/${generations[0]?.id}/events`
      return readStream('GET', url, headersOf(session), undefined, /^event: delta$/m, startedMs)
    },
  }
}
