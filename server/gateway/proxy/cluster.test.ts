import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { gatewayMetrics } from '#server/gateway/usage/gateway-metrics.ts'
import { type RunningCluster, startCluster } from '#server/lab/cluster/start-cluster.ts'
import { type RunningEngine, startEngine } from '#server/lab/demo-engine/server.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { createLog } from '#server/platform/log.ts'
import {
  ask,
  question,
  readyBinding,
  running,
  until,
} from '#server/testing/gateway/gateway-fixture.ts'
import { type RunningGateway, startGateway } from './serve-gateway.ts'

const serving = 'model-serving-prod'
const ref = { namespace: 'research-team-a', name: 'vibethinker' }
const ending = new AbortController()
let cluster: RunningCluster
let engine: RunningEngine
let gateway: RunningGateway
let admin: ReturnType<typeof connectKube>

/** The gateway with the rights that its manifests give it, no more. */
beforeAll(async () => {
  cluster = await startCluster({ manifests: 'manifests/overlays/embedded', signal: ending.signal })
  admin = connectKube({ kubeconfigText: cluster.kubeconfig, signal: ending.signal })
  engine = await startEngine({ port: 0, tokensPerSecond: 200, solverThreads: 1 })
  const kubeconfig = parse(cluster.kubeconfig)
  const token = await cluster.issueToken(serving, 'bindery-gateway')
  for (const user of kubeconfig.users) user.user = { token }
  gateway = await startGateway({
    metrics: gatewayMetrics(new Registry()),
    host: '127.0.0.1',
    port: 0,
    kube: connectKube({ kubeconfigText: stringify(kubeconfig), signal: ending.signal }),
    store: () => undefined,
    log: createLog('test', 'error'),
    servingNamespace: serving,
    inferenceUrl: engine.url,
    flushMs: 0,
  })
  const { metadata, spec, apiVersion, kind } = readyBinding(ref.namespace)
  const { namespace, name } = metadata
  await admin.create(ModelBinding, { apiVersion, kind, metadata: { namespace, name }, spec })
  await setStatus(readyBinding(ref.namespace).status)
  await until(async () => (await fetch(`${gateway.url}/readyz`)).ok)
}, 120_000)

afterAll(async () => {
  await gateway?.close()
  await engine?.close()
  ending.abort()
  await cluster?.close()
})

async function setStatus(status: ModelBinding['status']) {
  const binding = await admin.get(ModelBinding, ref)
  await admin.replaceStatus(ModelBinding, { ...binding, status })
}

async function said(
  account: [namespace: string, name: string],
  headers: Record<string, string> = {},
  audiences = ['bindery'],
): Promise<string> {
  const token = await cluster.issueToken(...account, audiences)
  const authorization = `Bearer ${token}`
  const answer = await ask(gateway.url, question(), { authorization, ...headers })
  return answer.ok ? 'ok' : `${answer.status} ${(await answer.json()).error.code}`
}

test('accounts of a real API server: bound, of another team, speaking, probing, of another audience', async () => {
  const speaking = { 'x-bindery-binding': 'research-team-a/vibethinker' }
  await until(async () => (await said(['research-team-a', 'default'])) === 'ok')
  const elsewhere = ['https://kubernetes.default.svc.cluster.local']
  expect(await said(['research-team-a', 'default'], {}, elsewhere)).toBe('401 invalid_token')
  expect(await said(['research-team-b', 'default'])).toBe('403 not_bound')
  expect(await said(['research-team-b', 'default'], speaking)).toBe('403 not_allowed')
  expect(await said(['bindery-system', 'bindery-controller'], speaking)).toBe('403 not_allowed')
  expect(await said(['bindery-system', 'bindery-web'], speaking)).toBe('ok')

  const { status } = readyBinding(ref.namespace)
  const [ready] = status?.conditions ?? []
  if (!status?.granted || !ready) throw new Error('no status')
  const provisioning = { ...ready, type: 'Provisioned', status: 'Unknown' as const }
  const granted = { ...status.granted, usableSince: undefined, expiresAt: undefined }
  await setStatus({ granted, conditions: [provisioning] })
  const binder: [string, string] = [serving, 'bindery-binder']
  const probing = { ...speaking, 'x-bindery-probe': '1' }
  await until(async () => (await said(binder, speaking)) === '403 binding_not_ready')
  expect(await said(binder, probing)).toBe('ok')
  // From the tenant's own side, what was approved can be tried before it is Ready; by nobody else's account.
  expect(await said(['research-team-a', 'default'], probing)).toBe('ok')
  expect(await said(['research-team-b', 'default'], probing)).toBe('403 not_allowed')
  await setStatus({ conditions: [provisioning] })
  await until(
    async () => (await said(['research-team-a', 'default'], probing)) === '403 binding_not_granted',
  )
  await setStatus(status)
  await until(async () => (await said(['research-team-a', 'default'])) === 'ok')
})

test('revoked in the cluster, after its watches were cut: the running answer ends', async () => {
  const token = await cluster.issueToken('research-team-a', 'default', ['bindery'])
  const headers = { authorization: `Bearer ${token}` }
  const answer = await ask(gateway.url, question('#bench:40000', { stream: true }), headers)
  await until(async () => (await running(engine.url)) === 1)
  cluster.dropConnections()
  cluster.compact()
  const end = { by: 'grace', at: '2026-11-24T09:00:00Z', comment: '', generation: 1 }
  const { status } = readyBinding(ref.namespace)
  await setStatus({ ...status, end: { ...end, reason: 'Revoked' } })
  expect(await answer.text()).toContain('"code":"binding_ended"')
  await until(async () => (await running(engine.url)) === 0)
})
