import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { runDemo } from '#e2e/support/run-demo.ts'
import { attacks } from './attack-table.ts'
import { callApi, getAccess, signInOverHttp } from './get-access.ts'
import { keepResult } from './keep-result.ts'
import { gatewayPod, tenantToken } from './look-up.ts'
import { percentile, rounded } from './numbers.ts'
import { memoryMb, processesUnder } from './process-tree.ts'
import { closeConnections } from './read-stream.ts'

/**
 * `npm run bench -- attacks`: how long another person waits at the longest while somebody with an ordinary account does
 * the worst that is known, against the same requests with nothing going on right before. The waiting one is a process of
 * its own, which asks one thing after the other.
 */
const moreMsMax = 100
const quietMs = 2_000

const askScript = `
  const { url, headers } = JSON.parse(process.argv[1])
  let over = false
  process.stdin.on('end', () => { over = true }).resume()
  const waits = []
  while (!over) {
    const startedMs = performance.now()
    const answer = await fetch(url, { headers })
    await answer.arrayBuffer()
    if (answer.status !== 200) throw new Error('The bystander was answered ' + answer.status)
    waits.push(performance.now() - startedMs)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  process.stdout.write(JSON.stringify(waits.slice(5)))
`

const demo = await runDemo('bench-attacks')
try {
  const [ada, grace] = [
    await signInOverHttp(demo.url, 'ada'),
    await signInOverHttp(demo.url, 'grace'),
  ]
  const quota = { requestsPerMinute: 600, tokensPerDay: 10_000_000, concurrency: 8 }
  const { namespace, name } = await getAccess(ada, grace, quota)
  const path = `/api/bindings/${namespace}/${name}`
  const { run } = await callApi<{ run: { name: string } }>(ada, 'GET', path)
  const pod = await gatewayPod(demo.stateDir)
  const token = await tenantToken(demo.stateDir, namespace)
  const target = {
    web: demo.url,
    gateway: pod.url,
    member: ada,
    admin: grace,
    token,
    binding: { namespace, name, run: run.name },
  }
  const bystander = await signInOverHttp(demo.url, 'grace')
  const victims = {
    web: { url: `${demo.url}/api/me`, headers: { cookie: bystander.cookie } },
    gateway: { url: `${pod.url}/v1/models`, headers: { authorization: `Bearer ${token}` } },
  }
  const server = processesUnder(demo.pid).find(({ args }) => /main\.(js|ts) web/.test(args))
  const rows = []
  for (const { name: attack, victim, run: begin } of attacks) {
    const quiet = await waitsWhile(victims[victim], () => setTimeout(quietMs))
    const before = server ? memoryMb(server.pid) : 0
    const during = await waitsWhile(victims[victim], () => begin(target))
    const moreMs = Math.max(...during) - Math.max(...quiet)
    rows.push({
      attack,
      quietMaxMs: rounded(Math.max(...quiet), 0),
      maxMs: rounded(Math.max(...during), 0),
      p50Ratio: rounded(percentile(during, 0.5) / percentile(quiet, 0.5), 1),
      asked: during.length,
      moreMb: server ? rounded(memoryMb(server.pid) - before, 0) : undefined,
      withinBar: moreMs < moreMsMax,
    })
    console.log(JSON.stringify(rows.at(-1)))
  }
  console.table(rows)
  keepResult('attacks', { moreMsMax, rows })
} finally {
  await closeConnections()
  await demo.stop()
}

/** Milliseconds of each request of the bystander from the beginning to the end of the work. */
async function waitsWhile(
  victim: { url: string; headers: Record<string, string> },
  work: () => Promise<unknown>,
): Promise<number[]> {
  const asker = spawn(
    process.execPath,
    ['--input-type=module', '-e', askScript, JSON.stringify(victim)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const said = text(asker.stdout)
  await once(asker, 'spawn')
  await setTimeout(500)
  await work()
  asker.stdin.end()
  return JSON.parse(await said)
}
