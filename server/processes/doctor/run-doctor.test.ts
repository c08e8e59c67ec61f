import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Draft } from '#server/lab/cluster/client.ts'
import { type RunningCluster, startCluster } from '#server/lab/cluster/start-cluster.ts'
import { parseConfig } from '#server/platform/config.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { networkCondition } from '#server/serving/model/model-service.ts'
import { sampleService } from '#server/testing/access/sample-objects.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import type { Finding } from './finding.ts'
import { report } from './main.ts'
import { runDoctor } from './run-doctor.ts'

let cluster: RunningCluster
let kube: Kube
const serving = 'model-serving-prod'
const base = parseConfig({})

beforeAll(async () => {
  cluster = await startCluster({
    manifests: 'manifests/base',
    tokens: { nobody: { username: 'nobody', groups: [] } },
  })
  kube = connectKube({ kubeconfigText: cluster.kubeconfig })
})
afterAll(async () => {
  await kube?.close()
  await cluster?.close()
})

async function look(only: string, config = base, as = kube): Promise<Finding[]> {
  const findings = await runDoctor(as, config, [only])
  // Whatever is not fine says what to do.
  for (const { state, todo } of findings) expect(todo !== undefined).toBe(state !== 'ok')
  return findings
}
const states = (findings: Finding[]) => findings.map(({ state }) => state)
const words = (findings: Finding[]) => findings.map(({ message }) => message).join('\n')
const make = (resource: string, object: Draft) => cluster.client.create(resource, object)

test('Kubernetes, clock and namespaces of a fresh installation are fine', async () => {
  for (const check of ['kubernetes', 'clock', 'namespaces']) {
    expect([...new Set(states(await look(check)))], check).toEqual(['ok'])
  }
  expect(words(await look('namespaces', parseConfig({ POD_NAMESPACE: 'none' })))).toContain(
    'The namespace none does not exist.',
  )
})

test('Tekton: absent, too old, without its flag, and fine', async () => {
  const metadata = (name: string) => ({ name, namespace: 'tekton-pipelines' })
  const configMap = (name: string, data: Record<string, string>) =>
    make('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(name), data })
  expect(states(await look('tekton'))).toEqual(['problem'])
  make('namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'tekton-pipelines' },
  })
  configMap('feature-flags', {})
  expect(states(await look('tekton'))).toEqual(['skipped', 'problem'])
  configMap('pipelines-info', { version: 'v1.11.2' })
  expect(words(await look('tekton'))).toMatch(/It is v1.11.2[\s\S]*set-security-context/)
  for (const [name, data] of [
    ['feature-flags', { 'set-security-context': 'true' }],
    ['pipelines-info', { version: 'v1.15.0' }],
  ] as const) {
    cluster.client.patch('configmaps', 'tekton-pipelines', name, { data })
  }
  expect(states(await look('tekton'))).toEqual(['ok', 'ok'])
})

test('rights: one that is missing and one that is too much are both named', async () => {
  expect(await look('rights')).toMatchObject([{ state: 'ok' }])
  const bindings = 'clusterrolebindings.rbac.authorization.k8s.io'
  const gateway = cluster.client.find(bindings, undefined, 'bindery-gateway')
  cluster.client.remove(bindings, undefined, 'bindery-gateway')
  expect(words(await look('rights'))).toContain(
    'bindery-gateway may not create tokenreviews.authentication.k8s.io.',
  )
  make(bindings, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'bindery-gateway' },
    roleRef: gateway?.roleRef,
    subjects: gateway?.subjects,
  })
  make(bindings, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'too-much' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [
      {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Group',
        name: 'system:serviceaccounts:bindery-system',
      },
    ],
  })
  const found = await look('rights')
  expect(words(found)).toContain(
    'bindery-web may list secrets, which the manifests do not give it.',
  )
  expect(words(found)).not.toContain('bindery-gateway')
  cluster.client.remove(bindings, undefined, 'too-much')
})

test('admission: a missing parameter, what a test left, and a webhook without its Service', async () => {
  expect(await look('admission')).toMatchObject([{ state: 'ok' }])
  const policies = 'validatingadmissionpolicies.admissionregistration.k8s.io'
  const policy = (name: string, scoped: boolean) => {
    make(policies, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        matchConstraints: {
          ...(scoped ? { namespaceSelector: { matchLabels: { ours: 'yes' } } } : {}),
          resourceRules: [
            {
              apiGroups: [''],
              apiVersions: ['v1'],
              resources: ['secrets'],
              operations: ['CREATE'],
            },
          ],
        },
        validations: [{ expression: 'true' }],
      },
    })
    make(policies.replace('policies', 'policybindings'), {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: {
        policyName: name,
        validationActions: ['Deny'],
        paramRef: { name: 'gone', namespace: serving, parameterNotFoundAction: 'Deny' },
      },
    })
  }
  policy('somebodys', false)
  policy('contract-1', true)
  make('validatingwebhookconfigurations.admissionregistration.k8s.io', {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'left-behind' },
    webhooks: [
      {
        name: 'hook.example.org',
        failurePolicy: 'Fail',
        clientConfig: { service: { namespace: 'default', name: 'gone' } },
        rules: [],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  })
  const found = await look('admission')
  expect(words(found)).toMatch(
    /somebodys refuses every write of secrets in the whole cluster: its ConfigMap model-serving-prod\/gone is missing/,
  )
  expect(words(found)).toContain('contract-1 was left behind')
  expect(words(found)).toContain('hook.example.org of left-behind refuses what it matches')
})

test('images by tag are named once each, and different ones of ours beside each other', async () => {
  const found = await look('images')
  expect(found.map(({ state }) => state)).toContain('warning')
  expect(words(found)).not.toContain('Different images')
  cluster.client.patch('configmaps', serving, 'bindery-probe', { data: { image: 'bindery:old' } })
  expect(words(await look('images'))).toContain('Different images of Bindery run beside each other')
})

test('engine and network are told as the controller found them', async () => {
  expect(words(await look('engine'))).toContain('There is no ModelService')
  expect(states(await look('network'))).toEqual(['skipped'])
  const services = 'modelservices.bindery.dev'
  const made = make(services, JSON.parse(JSON.stringify(sampleService())))
  const condition = (type: string, status: string) => ({
    ...{ type, status, reason: 'Tried', message: `${type} is ${status}.` },
    lastTransitionTime: '2026-12-01T00:00:00Z',
  })
  const say = (status: 'True' | 'False') => {
    const current = cluster.client.find(services, serving, made.metadata.name)
    if (!current) throw new Error('The ModelService is gone.')
    const conditions = [condition('Ready', status), condition(networkCondition, status)]
    cluster.client.replaceStatus(services, { ...current, status: { conditions, engines: [] } })
  }
  say('False')
  expect(await look('engine')).toMatchObject([{ state: 'problem' }])
  expect(await look('network')).toMatchObject([{ state: 'problem' }])
  say('True')
  expect(await look('engine')).toMatchObject([{ state: 'ok' }])
  expect(await look('network')).toMatchObject([{ state: 'ok' }])
})

test('workloads without a pod that is ready, and without a controller that leads', async () => {
  const found = await look('workloads')
  expect(words(found)).toMatch(/0 of \d pods of bindery-system\/bindery-controller are ready/)
  expect(words(found)).toContain('No controller leads')
})

test('the database is looked at and left as it is', async () => {
  expect(states(await look('database'))).toEqual(['skipped'])
  const url = await databaseUrl()
  for (let times = 0; times < 2; times += 1) {
    expect(words(await look('database', parseConfig({ DATABASE_URL: url })))).toContain(
      'The schema lacks usage-and-generations',
    )
  }
  const away = parseConfig({ DATABASE_URL: 'postgres://nobody:none@127.0.0.1:1/none' })
  expect(states(await look('database', away))).toEqual(['problem'])
})

test.each([
  ['fine', {}, 'ok', 'answers, with its keys'],
  [
    'by another name',
    { issuer: 'https://other.example.org' },
    'problem',
    'calls itself https://other',
  ],
  ['without codes', { response_types_supported: ['token'] }, 'problem', 'authorization code flow'],
  ['without PKCE', { code_challenge_methods_supported: ['plain'] }, 'warning', 'PKCE'],
  ['without keys', { jwks_uri: 'http://127.0.0.1:1/keys' }, 'problem', 'keys cannot be read'],
  ['no document', { token_endpoint: 1 }, 'problem', 'no discovery document'],
])('a provider %s', async (_what, differs, state, message) => {
  const server = createServer((request, response) => {
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const document = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      ...differs,
    }
    const body = request.url === '/keys' ? { keys: [{ kty: 'RSA' }] } : document
    response.end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const config = parseConfig({
    OIDC_ISSUER: `http://127.0.0.1:${port}`,
    OIDC_CLIENT_ID: 'bindery',
    OIDC_CLIENT_SECRET: 'secret',
  })
  const found = await look('provider', config)
  expect(states(found)).toEqual([state])
  expect(words(found)).toContain(message)
})

test('what an account may not read is skipped, with what to do', async () => {
  const nobody = connectKube({
    kubeconfigText: cluster.kubeconfig.replaceAll(cluster.adminToken, 'nobody'),
  })
  onTestFinished(() => nobody.close())
  const found = await runDoctor(nobody, base, ['admission', 'images', 'workloads'])
  expect(states(found)).toEqual(['skipped', 'skipped', 'skipped'])
  expect(report(found)).toContain('→ Run it with a kubeconfig that may')
})
