import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { layOutImages } from '#e2e/support/lay-out-images.ts'
import { freePort, runDemo } from '#e2e/support/run-demo.ts'
import { keepResult } from './keep-result.ts'
import { databaseUrl, gatewayAddress } from './look-up.ts'
import { percentile, rounded } from './numbers.ts'

/**
 * `npx tsx e2e/bench/start.ts`: from the start of each process to its first `/readyz` that says so, from what the
 * container image holds and against the demo's cluster and database, with an empty program of Node as 1.
 */
const rounds = Number(process.env.BENCH_ROUNDS ?? 7)
const barMs = 2000

const demo = await runDemo('bench-start')
try {
  const image = layOutImages().bindery
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    POD_NAME: 'bench',
    POD_NAMESPACE: 'bindery-system',
    SERVING_NAMESPACE: 'model-serving-prod',
    KUBECONFIG: join(demo.stateDir, 'kubeconfig'),
    DATABASE_URL: await databaseUrl(demo.stateDir),
    GATEWAY_URL: await gatewayAddress(demo.stateDir),
    NEXTAUTH_SECRET: randomBytes(32).toString('base64url'),
    DRAIN_SECONDS: '0',
  }
  const times = {
    'an empty program of Node': [] as number[],
    web: [] as number[],
    controller: [] as number[],
    gateway: [] as number[],
  }
  for (let round = 0; round < rounds; round += 1) {
    times['an empty program of Node'].push(emptyMs())
    for (const name of ['web', 'controller', 'gateway'] as const) {
      times[name].push(await readyMs(image, name, env))
    }
  }
  const reference = percentile(times['an empty program of Node'], 0.5)
  const rows = Object.entries(times).map(([what, values]) => ({
    what,
    p50Ms: rounded(percentile(values, 0.5), 0),
    maxMs: rounded(Math.max(...values), 0),
    ratio: rounded(percentile(values, 0.5) / reference, 1),
    withinBar: percentile(values, 0.5) < barMs,
  }))
  console.table(rows)
  keepResult('start', { rounds, barMs, rows })
} finally {
  await demo.stop()
}

function emptyMs(): number {
  const startedMs = performance.now()
  spawnSync(process.execPath, ['-e', '0'])
  return performance.now() - startedMs
}

/** Each is ended before the next one starts: none is slowed down by another. */
async function readyMs(image: string, name: string, env: NodeJS.ProcessEnv): Promise<number> {
  const [port, operations] = [await freePort(), await freePort()]
  const startedMs = performance.now()
  const child = spawn(join(image, 'bin/bindery'), [name], {
    cwd: image,
    env: {
      ...env,
      PORT: String(port),
      OPERATIONS_PORT: String(operations),
      NEXTAUTH_URL: `http://localhost:${port}`,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'close')
  const url = `http://127.0.0.1:${operations}/readyz`
  while (!(await fetch(url).catch(() => undefined))?.ok) {
    if (child.exitCode !== null) throw new Error(`The ${name} ended with ${child.exitCode}.`)
    await setTimeout(5)
  }
  const readyMs = performance.now() - startedMs
  child.kill('SIGKILL')
  await ended
  return readyMs
}
