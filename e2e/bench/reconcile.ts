import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { parse, stringify } from 'yaml'
import { freePort } from '#e2e/support/free-port.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import { sampleService } from '#server/testing/access/sample-objects.ts'
import { countingProxy } from './counting-proxy.ts'
import { type Api, fillBindings } from './fill-bindings.ts'
import { keepResult } from './keep-result.ts'
import { percentile, rounded } from './numbers.ts'
import { cpuMs, memoryMb } from './process-tree.ts'

/**
 * `npx tsx e2e/bench/reconcile.ts`: a controller that starts in front of many bindings at rest, one change among them,
 * and what it asks of the API server while nothing changes. BENCH_NAMESPACES (500) × BENCH_PER_NAMESPACE (10).
 */
const root = join(import.meta.dirname, '../..')
const state = join(root, '.bindery/bench-reconcile')
const size = {
  namespaces: Number(process.env.BENCH_NAMESPACES ?? 500),
  perNamespace: Number(process.env.BENCH_PER_NAMESPACE ?? 10),
}
const quietSeconds = Number(process.env.BENCH_QUIET_SECONDS ?? 30)
const changes = 20
const bindings = size.namespaces * size.perNamespace

const children: ChildProcess[] = []
try {
  await measure()
} finally {
  for (const child of children.reverse()) await end(child)
}

async function measure(): Promise<void> {
  const admin = await startCluster()
  const { api } = admin
  const service = (await api('POST', inServing('modelservices'), {
    ...sampleService(),
    metadata: { namespace: 'model-serving-prod', name: 'vibethinker' },
  })) as ModelService
  console.log(`Making ${bindings} granted bindings in ${size.namespaces} namespaces …`)
  await fillBindings(api, service, size)

  const { status } = (await api(
    'POST',
    '/api/v1/namespaces/bindery-system/serviceaccounts/bindery-controller/token',
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } },
  )) as { status: { token: string } }
  const proxy = await countingProxy(admin)
  const file = join(state, 'controller-kubeconfig')
  const user = { name: 'x', user: { token: status.token } }
  const cluster = { server: proxy.url, 'insecure-skip-tls-verify': true }
  writeFileSync(
    file,
    stringify({
      ...{ apiVersion: 'v1', kind: 'Config', users: [user], 'current-context': 'x' },
      clusters: [{ name: 'x', cluster }],
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    }),
  )

  const port = await freePort()
  const startedAt = performance.now()
  const controller = start(['server/processes/main.ts', 'controller'], {
    KUBECONFIG: file,
    OPERATIONS_PORT: String(port),
    LOG_LEVEL: 'error',
  })
  const settledAt = await settled(port)
  const startSeconds = rounded((settledAt - startedAt) / 1000)
  const callsToStart = proxy.calls()
  const pid = controller.pid ?? 0

  const before = { calls: proxy.calls(), watches: proxy.watches(), cpu: cpuMs([pid]) }
  await pause(quietSeconds * 1000)
  const quiet = {
    seconds: quietSeconds,
    calls: proxy.calls() - before.calls,
    watchesOpened: proxy.watches() - before.watches,
    cpuMs: cpuMs([pid]) - before.cpu,
  }
  const callsBefore = proxy.calls()
  const changeMs: number[] = []
  for (let i = 0; i < changes; i += 1) changeMs.push(await oneChange(api, i))
  const result = {
    bindings,
    namespaces: size.namespaces,
    startSeconds,
    callsToStart,
    rssMb: rounded(memoryMb(pid), 0),
    quiet,
    changeMs: {
      p50: rounded(percentile(changeMs, 0.5), 0),
      p95: rounded(percentile(changeMs, 0.95), 0),
    },
    callsPerChange: rounded((proxy.calls() - callsBefore) / changes, 1),
  }
  console.log(JSON.stringify(result, null, 2))
  keepResult('reconcile', result)
  proxy.stop()
}

/** A tenant takes less; until the grant follows. Reading it back is part of the time. */
async function oneChange(api: Api, index: number): Promise<number> {
  const path = `/apis/bindery.dev/v1alpha1/namespaces/team-${index}/modelbindings/model-0`
  const startedAt = performance.now()
  await api('PATCH', path, { spec: { durationDays: 29 } })
  for (;;) {
    const { metadata, status } = (await api('GET', path)) as ModelBinding
    if (status?.granted?.generation === metadata.generation) return performance.now() - startedAt
    await pause(10)
  }
}

/** When the last key was worked on: none has been for two seconds, and every binding was. */
async function settled(port: number): Promise<number> {
  let last = { count: 0, at: performance.now() }
  const deadline = performance.now() + 300_000
  for (;;) {
    const count = await reconciled(port)
    if (count !== last.count) last = { count, at: performance.now() }
    if (count >= bindings && performance.now() - last.at > 2_000) return last.at
    if (performance.now() > deadline) throw new Error(`Only ${count} bindings were worked on.`)
    await pause(100)
  }
}

async function reconciled(port: number): Promise<number> {
  try {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    const line = /reconcile_total\{what="binding",result="success"\} (\d+)/.exec(text)
    return Number(line?.[1] ?? 0)
  } catch {
    return 0
  }
}

async function startCluster(): Promise<{ server: string; ca: string; api: Api }> {
  const overlay = join(state, 'overlay')
  mkdirSync(overlay, { recursive: true })
  const manifests = ['crds', 'rbac', 'deploy/namespaces.yaml', 'tasks']
  const resources = manifests.map((one) => `../../../manifests/${one}`)
  const kind = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' }
  writeFileSync(join(overlay, 'kustomization.yaml'), stringify({ ...kind, resources }))
  const file = join(state, 'kubeconfig')
  const args = ['--manifests', overlay, '--kubeconfig', file, '--state-dir', join(state, 'cluster')]
  const child = start(['server/lab/cluster/main.ts', ...args], {})
  const { stdout } = child
  if (!stdout) throw new Error('The cluster has no output.')
  await once(stdout, 'data')

  const config = parse(readFileSync(file, 'utf8'))
  const { server, 'certificate-authority-data': encoded } = config.clusters[0].cluster
  const ca = Buffer.from(encoded, 'base64').toString()
  const authorization = `Bearer ${config.users[0].user.token}`
  const dispatcher = new Agent({ connect: { ca }, connections: 32 })
  const api: Api = async (method, path, body) => {
    const answer = await request(server + path, {
      method: method as 'GET',
      headers: {
        authorization,
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      },
      body: body && JSON.stringify(body),
      dispatcher,
    })
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${text}`)
    return JSON.parse(text)
  }
  return { server, ca, api }
}

function inServing(plural: string): string {
  return `/apis/bindery.dev/v1alpha1/namespaces/model-serving-prod/${plural}`
}

function start(args: string[], env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  await Promise.race([closed, pause(5_000)])
  if (child.exitCode === null) child.kill('SIGKILL')
}
