import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type ApiCaller, apiCaller } from './contract/api-caller.ts'
import { madeBy, ownedByNamespace, removeLeftovers } from './contract/leftovers.ts'
import { type RunningCluster, startCluster } from './start-cluster.ts'

// The contract suite is run against clusters of others: whenever it is interrupted, they go on working.

let cluster: RunningCluster
let api: ApiCaller
let folder: string
let suite: ChildProcess | undefined

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'interrupted-'))
  cluster = await startCluster()
  api = apiCaller(cluster.url, { ca: cluster.ca }, cluster.adminToken)
  writeFileSync(join(folder, 'kubeconfig'), cluster.kubeconfig, { mode: 0o600 })
})
afterEach(() => signalSuite('SIGKILL'))
afterAll(async () => {
  api.close()
  await cluster.close()
  rmSync(folder, { recursive: true, force: true })
})

const policies = 'validatingadmissionpolicybindings.admissionregistration.k8s.io'

/** Runs the part of the suite that binds a policy, and returns once it stands. */
async function startSuite(): Promise<void> {
  const args = ['run', '--root', '.', '--config', 'server/lab/cluster/contract/vitest.config.ts']
  const program = 'node_modules/vitest/vitest.mjs'
  suite = spawn(process.execPath, [program, ...args, 'contract/admission-policies'], {
    env: { ...process.env, KUBECONFIG: join(folder, 'kubeconfig') },
    // A process group of its own, as a terminal gives it.
    detached: true,
    stdio: 'ignore',
  })
  await vi.waitUntil(() => cluster.client.list(policies).length > 0, {
    timeout: 80_000,
    interval: 1,
  })
}

function signalSuite(signal: NodeJS.Signals): void {
  if (suite?.pid && suite.exitCode === null && suite.signalCode === null) {
    try {
      process.kill(-suite.pid, signal)
    } catch {
      // It has ended meanwhile.
    }
  }
}

function made(): string[] {
  const tables = [
    'validatingadmissionpolicies.admissionregistration.k8s.io',
    policies,
    'customresourcedefinitions.apiextensions.k8s.io',
    'namespaces',
  ]
  return tables
    .flatMap((table) => cluster.client.list(table))
    .filter(({ metadata }) => metadata.labels?.['bindery.dev/made-by'] === 'check')
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
}

async function othersMayWrite(): Promise<void> {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs' } }
  const { status } = await api.post('/api/v1/namespaces/default/configmaps?dryRun=All', configMap)
  expect(status).toBe(201)
}

test.each(['SIGKILL', 'SIGINT'] as const)(
  'after %s, others write on, and nothing stays',
  async (signal) => {
    await startSuite()
    signalSuite(signal)
    await othersMayWrite()
    // With the parameter gone and the policy not yet, as half of a removal leaves them.
    for (const { metadata } of cluster.client.list('configmaps'))
      if (metadata.name === 'owners')
        cluster.client.remove('configmaps', metadata.namespace, metadata.name)
    await othersMayWrite()
    await vi.waitFor(() => expect(made()).toEqual([]), 60_000)
  },
)

test('what stayed all the same is removed by a later run, and what is young belongs to one beside it', async () => {
  const metadata = { name: 'contract-left', labels: madeBy }
  const { body } = await api.post('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata,
  })
  const ownerReferences = ownedByNamespace(body.metadata)
  await api.post('/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings', {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'contract-left', labels: madeBy, ownerReferences },
    spec: { policyName: 'contract-left', validationActions: ['Deny'] },
  })
  await removeLeftovers(api)
  expect(made()).toHaveLength(2)
  await removeLeftovers(api, 0)
  await vi.waitFor(() => expect(made()).toEqual([]), 30_000)
})
