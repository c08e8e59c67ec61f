import type { IncomingMessage, ServerResponse } from 'node:http'
import { Registry } from 'prom-client'
import { afterAll, onTestFinished } from 'vitest'
import type { Grant, ModelBinding } from '#server/access/model/model-binding.ts'
import { type GatewayOptions, startGateway } from '#server/gateway/proxy/serve-gateway.ts'
import { gatewayMetrics } from '#server/gateway/usage/gateway-metrics.ts'
import { type RunningEngine, startEngine } from '#server/lab/demo-engine/server.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { createLog } from '#server/platform/log.ts'
import type { KubeObject } from '#server/platform/model/kubernetes.ts'
import { openStore } from '#server/processes/open-store.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { bodyOf, sendJson, startScripted } from '#server/testing/scripted-api.ts'

/** Unsigned: the scripted API server knows tokens by heart. */
export function tokenOf(user: string, audience = 'bindery'): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: user, aud: [audience], exp: 32_472_144_000 })}.sig`
}

export const teamA = 'system:serviceaccount:research-team-a:default'
export const teamB = 'system:serviceaccount:research-team-b:default'
export const web = 'system:serviceaccount:bindery-system:bindery-web'

export function readyBinding(namespace: string, granted: Partial<Grant> = {}): ModelBinding {
  const binding = sampleBinding()
  const lastTransitionTime = '2026-11-24T08:00:00Z'
  const condition = { reason: 'X', message: '', lastTransitionTime }
  const { strategy, alias, durationDays, quota } = binding.spec
  return {
    ...binding,
    metadata: { ...binding.metadata, namespace, uid: `uid-of-${namespace}` },
    status: {
      granted: {
        generation: 1,
        strategy,
        alias,
        durationDays,
        quota,
        ring: 'stable',
        digest: `sha256:${'0'.repeat(64)}`,
        approvedBy: ['grace'],
        approvedAt: lastTransitionTime,
        usableSince: lastTransitionTime,
        expiresAt: '2999-01-01T00:00:00Z',
        ...granted,
      },
      conditions: [{ ...condition, type: 'Ready', status: 'True' }],
    },
  }
}

type Resource = { objects: Map<string, KubeObject>; watches: Set<ServerResponse> }

/** As much of an API server as a gateway asks: lists, watches, and the two reviews. */
export async function scriptedCluster() {
  const resources: Record<string, Resource> = {}
  let version = 100
  const cluster = {
    tokens: new Map([teamA, teamB, web].map((user) => [tokenOf(user), user])),
    speakers: new Set([web]),
    /** People who may use every binding. */
    users: new Set<string>(),
    down: false,
    requests: [] as string[],
    kubeconfig: '',
    put(plural: string, object: KubeObject) {
      const { objects, watches } = resourceOf(plural)
      const metadata = { ...object.metadata, resourceVersion: String(++version) }
      const next = { ...object, metadata }
      const key = `${metadata.namespace}/${metadata.name}`
      const type = objects.has(key) ? 'MODIFIED' : 'ADDED'
      objects.set(key, next)
      for (const watch of watches) watch.write(`${JSON.stringify({ type, object: next })}\n`)
    },
    cut() {
      for (const { watches } of Object.values(resources)) for (const one of watches) one.destroy()
    },
  }

  function resourceOf(plural: string): Resource {
    resources[plural] ??= { objects: new Map(), watches: new Set() }
    return resources[plural]
  }

  async function review(request: IncomingMessage, response: ServerResponse) {
    const { kind, spec } = JSON.parse(await bodyOf(request))
    if (kind === 'TokenReview') {
      const user = cluster.tokens.get(spec.token)
      const status = user
        ? { authenticated: true, audiences: spec.audiences, user: { username: user, groups: [] } }
        : { authenticated: false }
      return sendJson(response, 201, { kind, status })
    }
    if (kind === 'SelfSubjectReview') {
      return sendJson(response, 201, { kind, status: { userInfo: { username: web, groups: [] } } })
    }
    if (kind === 'TokenRequest') {
      const status = { token: tokenOf(web), expirationTimestamp: '2999-01-01T00:00:00Z' }
      return sendJson(response, 201, { kind, status })
    }
    const { verb } = spec.resourceAttributes
    const allowed =
      (verb === 'speak' && cluster.speakers.has(spec.user)) ||
      (verb === 'use' && cluster.users.has(spec.user))
    return sendJson(response, 201, { kind, status: { allowed } })
  }

  const server = await startScripted((request, response) => {
    if (cluster.down) return response.destroy()
    cluster.requests.push(`${request.method} ${request.url}`)
    if (request.method === 'POST') return void review(request, response)
    const url = new URL(request.url ?? '/', 'http://x')
    const { objects, watches } = resourceOf(url.pathname.split('/').at(-1) ?? '')
    const [, namespace, plural = '', name] =
      /\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(url.pathname) ?? []
    if (name) {
      const found = resourceOf(plural).objects.get(`${namespace}/${name}`)
      return sendJson(response, found ? 200 : 404, found ?? { kind: 'Status', message: 'none' })
    }
    if (!url.searchParams.has('watch')) {
      const metadata = { resourceVersion: String(version) }
      return sendJson(response, 200, { metadata, items: [...objects.values()] })
    }
    watches.add(response)
    response.on('close', () => watches.delete(response))
    response.writeHead(200).flushHeaders()
  })
  cluster.kubeconfig = server.kubeconfig
  onTestFinished(() => server.close())
  return cluster
}

let shared: Promise<RunningEngine> | undefined
afterAll(async () => (await shared)?.close())

/** One for all tests of a file: its solvers take long to start. */
function sharedEngine(): Promise<RunningEngine> {
  shared ??= startEngine({ port: 0, faults: true, tokensPerSecond: 200, solverThreads: 1 })
  return shared
}

/** A gateway between a scripted API server, the demo engine and PostgreSQL; all ends with the test. */
export async function scene(
  options: Partial<Omit<GatewayOptions, 'kube' | 'log'>> & {
    podIP?: boolean
    database?: boolean
  } = {},
) {
  const cluster = await scriptedCluster()
  const service = sampleService({ model: 'bindery/demo-solver' })
  service.spec.identity.podIP = options.podIP ?? false
  cluster.put('modelservices', service)
  cluster.put('modelbindings', readyBinding('research-team-a'))
  const ending = new AbortController()
  const engine = options.inferenceUrl
    ? { url: options.inferenceUrl, close: async () => {} }
    : await sharedEngine()
  const opened = options.database
    ? await openStore(await databaseUrl(), { signal: ending.signal })
    : undefined
  const gateway = await startGateway({
    metrics: gatewayMetrics(new Registry()),
    host: '127.0.0.1',
    port: 0,
    kube: connectKube({
      kubeconfigText: cluster.kubeconfig,
      signal: ending.signal,
      times: { retryBaseMs: 5, retryMaxMs: 20, retriesMax: 0 },
    }),
    store: () => opened,
    log: createLog('test', 'error'),
    servingNamespace: 'model-serving-prod',
    inferenceUrl: engine.url,
    flushMs: opened ? 5_000 : 0,
    ...options,
  })
  onTestFinished(async () => {
    await gateway.close()
    ending.abort()
    await opened?.close()
  })
  await until(async () => (await fetch(`${gateway.url}/readyz`)).ok)
  return { cluster, engine, gateway, service, store: opened }
}

export async function until(holds: () => Promise<boolean> | boolean, ms = 30_000): Promise<void> {
  const deadline = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Not within ${ms} ms: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export function ask(
  url: string,
  body: object | string,
  headers: Record<string, string> = { authorization: `Bearer ${tokenOf(teamA)}` },
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal,
  })
}

export function question(content = 'What is 2 + 3?', more: object = {}) {
  return { model: 'bindery/demo-solver', messages: [{ role: 'user', content }], ...more }
}

/** Answers that the engine is writing now. */
export async function running(engineUrl: string): Promise<number> {
  const metrics = await (await fetch(`${engineUrl}/metrics`)).text()
  return Number(/^vllm:num_requests_running\S* (\d+)/m.exec(metrics)?.[1])
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

/** A refusal's status and its code, as `403 not_bound`. */
export async function codeOf(answer: Response): Promise<string> {
  const { error } = await answer.json()
  return `${answer.status} ${error.code}`
}
