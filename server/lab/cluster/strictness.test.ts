import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type ApiCaller, apiCaller, eventually } from './contract/api-caller.ts'
import { type RunningCluster, startCluster } from './start-cluster.ts'

// What a real node and Tekton refuse or answer oddly, and people meet first on a cluster of their own.

let cluster: RunningCluster
let api: ApiCaller
let stateDir: string
const pods = '/api/v1/namespaces/default/pods'
const runs = '/apis/tekton.dev/v1/namespaces/default/taskruns'
const image = 'localhost/busybox:1'

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'strict-'))
  cluster = await startCluster({ stateDir, kubelet: { removalMs: 6_000, teardownMs: 50 } })
  api = apiCaller(cluster.url, { ca: cluster.ca }, cluster.adminToken)
})
afterAll(async () => {
  api.close()
  await cluster.close()
  rmSync(stateDir, { recursive: true, force: true })
})

function pod(name: string, spec: object): Promise<unknown> {
  return api.post(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, ...spec },
  })
}

test('a log of a container that is just gone is an error text with status 200', async () => {
  const containers = [{ name: 'main', image, command: ['sh', '-c', 'echo said; exec sleep 60'] }]
  await pod('gone', { containers })
  await eventually(
    () => api.get(`${pods}/gone/log`),
    ({ text }) => text === 'said\n',
  )
  await api.delete(`${pods}/gone`)
  const unlinked = await eventually(
    () => api.get(`${pods}/gone/log`),
    ({ text }) => text !== 'said\n',
  )
  expect(unlinked.status).toBe(200)
  expect(unlinked.text).toMatch(
    /^failed to try resolving symlinks in path "\/var\/log\/pods\/default_gone_[-\w]+\/main\/0\.log": lstat /,
  )
  const removed = await eventually(
    () => api.get(`${pods}/gone/log?follow=true`),
    ({ text }) => text.startsWith('unable'),
  )
  expect(removed.status).toBe(200)
  expect(removed.text).toMatch(/^unable to retrieve container logs for containerd:\/\/\w+$/)
  const { status } = await eventually(
    () => api.get(`${pods}/gone/log`),
    (answer) => answer.status !== 200,
  )
  expect(status).toBe(404)
})

test('a pod’s directory is gone with it, tokens and all, whatever changes at that moment', async () => {
  const { body } = await api.post(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'tokens' },
    spec: { containers: [{ name: 'main', image, command: ['sh', '-c', 'exec sleep 60'] }] },
  })
  const directory = join(stateDir, 'pods', body.metadata.uid)
  await vi.waitUntil(
    () => existsSync(join(directory, 'volumes')) && tokensIn(directory) > 0,
    30_000,
  )
  const configMap = (n: number) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `c${n}` },
  })
  const changes = Array.from({ length: 40 }, (_, n) =>
    api.post('/api/v1/namespaces/default/configmaps', configMap(n)),
  )
  await api.delete(`${pods}/tokens`, { gracePeriodSeconds: 0 })
  await Promise.all(changes)
  await vi.waitUntil(() => !existsSync(directory), 30_000)
  await api.post('/api/v1/namespaces/default/configmaps', configMap(99))
  expect(existsSync(directory)).toBe(false)
})

function tokensIn(directory: string): number {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('/token'),
  ).length
}

test('an image that runs as root starts nowhere that forbids it, nor in Tekton’s steps where it sets that', async () => {
  await pod('root', {
    securityContext: { runAsNonRoot: true },
    containers: [{ name: 'main', image, command: ['true'] }],
  })
  const held = await eventually(
    () => api.get(`${pods}/root`),
    ({ body }) => body.status?.containerStatuses?.[0]?.state?.waiting?.message !== undefined,
  )
  expect(held.body.status.containerStatuses[0].state.waiting).toMatchObject({
    reason: 'CreateContainerConfigError',
    message: expect.stringContaining('container has runAsNonRoot and image will run as root'),
  })

  await api.post('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'tekton-pipelines' },
  })
  await api.post('/api/v1/namespaces/tekton-pipelines/configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'feature-flags' },
    data: { 'set-security-context': 'true' },
  })
  const run = (name: string, podTemplate: object) =>
    api.post(runs, {
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: { name },
      spec: { podTemplate, taskSpec: { steps: [{ name: 'one', image, script: 'true' }] } },
    })
  await run('as-root', {})
  await run('as-user', { securityContext: { runAsUser: 65_534 } })
  const stuck = await eventually(
    () => api.get(`${pods}/as-root-pod`),
    ({ body }) => body.status?.containerStatuses?.[0]?.state?.waiting?.message !== undefined,
  )
  expect(stuck.body.status.containerStatuses[0].state.waiting.reason).toBe(
    'CreateContainerConfigError',
  )
  const ended = await eventually(
    () => api.get(`${runs}/as-user`),
    ({ body }) => ['True', 'False'].includes(body.status?.conditions?.[0]?.status),
  )
  expect(ended.body.status.conditions[0].reason).toBe('Succeeded')
})

test('a certificate names a user and groups; one of another CA names nobody', async () => {
  const who = async (caller: ApiCaller, token?: string) => {
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    const options = token ? { token, withCertificate: true } : {}
    const { status, body: answer } = await caller.post(path, body, options)
    return status === 201 ? answer.status.userInfo : status
  }
  const ada = await cluster.issueClientCertificate('ada', ['lab', 'readers'])
  const byCertificate = apiCaller(cluster.url, { ca: cluster.ca, ...ada }, undefined)
  const groups = ['lab', 'readers', 'system:authenticated']
  expect(await who(byCertificate)).toEqual({ username: 'ada', groups })
  expect(await who(byCertificate, cluster.adminToken)).toMatchObject({ username: 'ada' })
  const other = await startCluster()
  const foreign = await other.issueClientCertificate('eve', ['system:masters'])
  await other.close()
  const byForeign = apiCaller(cluster.url, { ca: cluster.ca, ...foreign }, undefined)
  expect(await who(byForeign)).toBe(401)
  expect(await who(byForeign, cluster.adminToken)).toMatchObject({ username: 'admin' })
  byCertificate.close()
  byForeign.close()
})
