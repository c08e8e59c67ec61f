import { runDemo } from '#e2e/support/run-demo.ts'
import { approve, askForAccess, askWhetherBound, callApi, signInOverHttp } from './get-access.ts'
import { keepResult } from './keep-result.ts'
import { emptyRunMs, gatewayPod, tenantToken } from './look-up.ts'
import { percentile, rounded } from './numbers.ts'
import { closeConnections } from './read-stream.ts'
import { until } from './until.ts'

/**
 * `npx tsx e2e/bench/decisions.ts`: from an approval to access that was used once, and from a revocation to the gateway's
 * refusal, with a run of one empty step on the same cluster as 1.
 */
const rounds = Number(process.env.BENCH_ROUNDS ?? 20)
const quota = { requestsPerMinute: 600, tokensPerDay: 1_000_000, concurrency: 4 }
const namespace = 'research-team-a'

const demo = await runDemo('bench-decisions')
try {
  const ada = await signInOverHttp(demo.url, 'ada')
  const grace = await signInOverHttp(demo.url, 'grace')
  const pod = await gatewayPod(demo.stateDir)
  const token = await tenantToken(demo.stateDir, namespace)
  const times = { usable: [] as number[], refused: [] as number[], emptyRun: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    times.emptyRun.push(await emptyRunMs(demo.stateDir, `bench-empty-${round}`))
    const binding = await askForAccess(ada, quota)
    const path = `/api/bindings/${binding.namespace}/${binding.name}`
    const approvedMs = performance.now()
    await approve(grace, binding)
    await until(
      () => callApi<{ state: string }>(ada, 'GET', path),
      ({ state }) => state === 'ready',
    )
    times.usable.push(performance.now() - approvedMs)

    const revokedMs = performance.now()
    await callApi(grace, 'POST', `${path}/revoke`, { comment: 'Measured.' })
    await until(
      () => askWhetherBound(pod.url, token),
      (status) => status === 403,
    )
    times.refused.push(performance.now() - revokedMs)
    await until(
      () => callApi<{ state: string }>(ada, 'GET', path),
      ({ state }) => state === 'ended',
    )
    await callApi(ada, 'DELETE', path)
    await until(
      () => callApi<{ namespace: string }[]>(ada, 'GET', '/api/bindings'),
      (list) => list.length === 0,
    )
  }
  const reference = percentile(times.emptyRun, 0.5)
  const rows = Object.entries(times).map(([what, values]) => ({
    what,
    p50Ms: rounded(percentile(values, 0.5), 0),
    p95Ms: rounded(percentile(values, 0.95), 0),
    ratio: rounded(percentile(values, 0.5) / reference, 1),
  }))
  console.table(rows)
  keepResult('decisions', { rounds, rows })
} finally {
  await closeConnections()
  await demo.stop()
}
