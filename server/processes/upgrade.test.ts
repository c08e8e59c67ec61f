import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { controllerMetrics } from '#server/access/reconciler/controller-metrics.ts'
import { runController } from '#server/access/reconciler/run-controller.ts'
import { startGateway } from '#server/gateway/proxy/serve-gateway.ts'
import { gatewayMetrics } from '#server/gateway/usage/gateway-metrics.ts'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { createLog } from '#server/platform/log.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { openStore } from '#server/processes/open-store.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { listenLocal } from '#server/testing/span-collector.ts'
import {
  databaseBefore,
  objectsBefore,
  versionBefore,
} from '#server/testing/upgrade/version-before.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'

const serving = 'model-serving-prod'
const admins = ['bindery-admins']
const log = createLog('test', 'error')

/** The cluster of the version before, with the manifests of this one applied over its own. */
async function upgradedCluster() {
  const cluster = await startCluster({ manifests: versionBefore.manifests })
  onTestFinished(() => cluster.close())
  cluster.restore(objectsBefore())
  const folder = mkdtempSync(join(tmpdir(), 'upgrade-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, cluster.kubeconfig)
  const apply = async (kustomization: string) => {
    const args = ['apply', '--server-side', '--force-conflicts', '-k', kustomization]
    const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder }
    return (await promisify(execFile)('kubectl', args, { env })).stdout
  }
  await apply('manifests/overlays/embedded')
  return { cluster, apply }
}

/** Controller and gateway of this version, on the day of the version before. */
async function startProcesses(kubeconfig: string, database: string) {
  const ending = new AbortController()
  const { signal } = ending
  const kube = connectKube({ kubeconfigText: kubeconfig, signal })
  const store = await openStore(database, { signal, log })
  const skewMs = versionBefore.now.getTime() - Date.now()
  const now = () => new Date(Date.now() + skewMs)
  const clusterDomain = 'cluster.local'
  const context = { kube, log, now, signal, servingNamespace: serving, clusterDomain }
  const controller = runController(context, {
    namespace: 'bindery-system',
    identity: 'upgraded',
    metrics: controllerMetrics(new Registry()),
    store: () => store,
  })
  const engine = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}')
  })
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    kube,
    store: () => store,
    log,
    now,
    servingNamespace: serving,
    inferenceUrl: await listenLocal(engine),
    metrics: gatewayMetrics(new Registry()),
  })
  onTestFinished(async () => {
    await gateway.close()
    ending.abort()
    await controller
    await store.close()
    engine.close()
  })
  await vi.waitFor(() => expect(gateway.ready()).toBe(true), { timeout: 20_000 })
  return { kube, gateway, store }
}

test('the version before is gone on from: access, runs, logs, conversations and the trail are all there', async () => {
  const before = objectsBefore()
  const { cluster, apply } = await upgradedCluster()
  const database = await databaseBefore()
  const { kube, gateway } = await startProcesses(cluster.kubeconfig, database)
  const web = await startWeb({ kubeconfig: cluster.kubeconfig, env: { DATABASE_URL: database } })
  const ada = await web.as('ada', ['research-team-a'])
  const grace = await web.as('grace', admins)

  // What was sealed by the version before is decided and carried out by this one.
  const at = '/api/bindings/lecture-hall/waiting'
  const { seal, generation } = await (await grace('GET', at)).json()
  const decision = { decision: 'approve', digest: seal.digest, generation, comment: 'Fine.' }
  expect((await grace('POST', `${at}/decision`, decision)).status).toBe(200)
  const waiting = { namespace: 'lecture-hall', name: 'waiting' }
  const released = async () => (await kube.get(ModelBinding, waiting)).status?.granted
  await expect.poll(released, { timeout: 30_000 }).toMatchObject({ digest: seal.digest })

  // Nothing that was granted, denied or ended has become anything else, and nothing of it ran again.
  const kept = before.filter(
    ({ kind, metadata }) => kind === 'ModelBinding' && metadata.name !== 'waiting',
  )
  expect(kept).toHaveLength(4)
  for (const { metadata, status } of kept) {
    const now = await kube.get(ModelBinding, metadata as { namespace: string; name: string })
    const ready = conditionOf(now.status?.conditions, 'Ready')
    expect([metadata.name, ready?.status]).toEqual([
      metadata.name,
      conditionOf(status.conditions, 'Ready')?.status,
    ])
    expect(now.status?.granted).toEqual(status.granted)
    expect(now.status?.receipt).toEqual(status.receipt)
    expect(now.status?.end).toEqual(status.end)
  }
  const runs = (await kube.list(TaskRun, { namespace: serving })).map((run) => run.metadata.name)
  const runsBefore = before.filter(({ kind }) => kind === 'TaskRun').map((run) => run.metadata.name)
  expect(runs.sort()).toEqual(runsBefore.sort())

  // The gateway lets through who was let through, and refuses who was refused.
  const ask = async (namespace: string) => {
    const token = await cluster.issueToken(namespace, 'default', ['bindery'])
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const messages = [{ role: 'user', content: 'What is 2 + 3?' }]
    const body = JSON.stringify({ model: 'bindery/demo-solver', messages })
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body,
    })
    return answer.status
  }
  expect(await ask('research-team-a')).toBe(200)
  expect(await ask('research-team-b')).toBe(200)
  expect(await ask('default')).toBe(403)

  const [conversation, ...others] = await (await ada('GET', '/api/conversations')).json()
  expect(others).toEqual([])
  const path = `/api/conversations/${conversation.id}/export?format=markdown`
  const whole = await (await ada('GET', path)).text()
  expect(whole).toContain('Solve $x^2 = 9$ for $x$.')
  expect(whole).toMatch(/boxed/)
  const file = await grace('GET', `/api/runs/${serving}/bind-obkz3adv-1/log.txt`)
  expect([file.status, await file.text()]).toEqual([
    200,
    expect.stringContaining('research-team-a'),
  ])
  const trail = await (await grace('POST', '/api/audit/verify', {})).json()
  expect(trail.head.seq).toBeGreaterThan(42)
  expect(trail.verified.seq).toBe(trail.head.seq)

  // And back: the manifests of the version before, without its kinds, are taken again.
  expect(await apply(versionBefore.manifests)).toContain('serverside-applied')
  expect((await kube.list(ModelBinding, {})).length).toBe(5)
  expect(await ask('research-team-a')).toBe(200)
})
