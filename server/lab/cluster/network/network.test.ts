import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { busybox, startTestNode, type TestNode } from '#server/lab/cluster/testing/test-node.ts'

vi.setConfig({ testTimeout: 20_000, hookTimeout: 20_000 })

const image = 'localhost/app:1'
let directory: string
let node: TestNode

// Listens on all addresses, as programs in containers do; several pods use the same port.
const program = `
const { createServer } = require('node:http')
const server = createServer((request, response) => {
  if (request.url === '/die') process.exit(1)
  if (request.url !== '/slow') return response.end(process.env.V + ' ' + request.socket.remoteAddress)
  response.write('begun')
  response.on('close', () => console.log('gone'))
})
server.listen(8080)
process.on('SIGTERM', () => server.close(() => process.exit(0)).closeIdleConnections())
`

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'app-'))
  writeFileSync(join(directory, 'main.cjs'), program)
  node = await startTestNode({
    [image]: {
      digest: `sha256:${'a'.repeat(64)}`,
      entrypoint: ['node', '/app/main.cjs'],
      files: { '/app': directory },
    },
  })
  const service = (namespace: string, name: string, spec: object) =>
    node.client.create('services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec,
    })
  service('team-b', 'web', {
    selector: { app: 'web' },
    ports: [{ name: 'http', port: 8080, targetPort: 'http' }],
  })
  service('team-b', 'headless', {
    clusterIP: 'None',
    selector: { app: 'web' },
    ports: [{ port: 8080 }],
  })
  service('team-a', 'alias', { type: 'ExternalName', externalName: 'web.team-b.svc.cluster.local' })
  node.client.create('deployments.apps', deployment('one'))
  await eventually(() => expect(deployed()).toMatchObject({ availableReplicas: 2 }))
  await eventually(async () => expect(await text(address())).toMatch(/^one/))
})
afterAll(async () => {
  await node.close()
  rmSync(directory, { recursive: true })
})

const eventually = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: 30_000, interval: 20 })
const deployed = () => node.client.find('deployments.apps', 'team-b', 'web')?.status
const address = () => `http://${node.client.find('services', 'team-b', 'web')?.spec.clusterIP}:8080`
const text = async (url: string) => (await fetch(url, { headers: { connection: 'close' } })).text()

function deployment(version: string) {
  const container = {
    name: 'web',
    image,
    env: [{ name: 'V', value: version }],
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
  }
  const labels = { app: 'web' }
  const template = { metadata: { labels }, spec: { containers: [container] } }
  const metadata = { name: 'web', namespace: 'team-b' }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  }
}

/** What a pod of team-a reads, one line per URL. */
async function ask(
  name: string,
  urls: string[],
  labels: Record<string, string> = {},
): Promise<string[]> {
  const script = urls.map((url) => `wget -qO- ${url}; echo`).join('\n')
  node.pod(
    'team-a',
    name,
    {
      restartPolicy: 'Never',
      containers: [{ name: 'c', image: busybox, command: ['sh', '-c', script] }],
    },
    labels,
  )
  await eventually(() =>
    expect(node.find('team-a', name)?.status.containerStatuses?.[0].state.terminated).toBeDefined(),
  )
  return (await node.log('team-a', name)).trim().split(/\n+/)
}

const everyWay = [
  'http://alias:8080',
  'http://web.team-b:8080',
  'http://headless.team-b.svc.cluster.local:8080',
]

test('names lead to Services, and the caller is seen with its own address', async () => {
  const answers = await ask('client', [
    ...everyWay,
    'http://web:8080',
    'http://web.nowhere.svc.cluster.local',
  ])
  const own = node.find('team-a', 'client')?.status.podIP
  expect(answers).toEqual([
    `one ${own}`,
    `one ${own}`,
    `one ${own}`,
    "wget: bad address 'web'",
    "wget: bad address 'web.nowhere.svc.cluster.local'",
  ])
})

test('a policy admits by namespace and labels, through the Service and at the pod', async () => {
  const from = [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'team-a' } },
      podSelector: { matchLabels: { may: 'yes' } },
    },
  ]
  node.client.create('networkpolicies.networking.k8s.io', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'bound-only', namespace: 'team-b' },
    spec: {
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Ingress'],
      ingress: [{ from, ports: [{ port: 8080 }] }],
    },
  })
  for (const line of await ask('stranger', everyWay)) expect(line).toContain('ECONNRESET')
  for (const line of await ask('friend', everyWay, { may: 'yes' }))
    expect(line).toMatch(/^one 127\./)
  // The node itself always gets in: probes, and the API server's proxy.
  expect(await text(address())).toBe('one 127.0.0.1')
  node.client.remove('networkpolicies.networking.k8s.io', 'team-b', 'bound-only')
})

test('a caller that goes away is gone at the server within moments', async () => {
  await new Promise<void>((resolve) => {
    const request = get(`${address()}/slow`, (response) => {
      response.on('error', () => {})
      response.once('data', () => {
        request.destroy()
        resolve()
      })
    })
    request.on('error', () => {})
  })
  const pods = node.client.list('pods', { namespace: 'team-b' }).map((pod) => pod.metadata.name)
  await eventually(async () =>
    expect((await Promise.all(pods.map((name) => node.log('team-b', name)))).join('')).toBe(
      'gone\n',
    ),
  )
})

test('a new template replaces the pods without a refused request; old sets are kept', async () => {
  const current = node.client.find('deployments.apps', 'team-b', 'web')
  const asking = { done: false, answers: new Set<string>() }
  const askAlways = async () => {
    while (!asking.done) asking.answers.add((await text(address())).split(' ')[0] ?? '')
  }
  const asked = askAlways()
  const { generation = 0 } = node.client.replace('deployments.apps', {
    ...deployment('two'),
    metadata: { ...current!.metadata },
  }).metadata
  await eventually(() =>
    expect(deployed()).toMatchObject({
      observedGeneration: generation,
      replicas: 2,
      updatedReplicas: 2,
      availableReplicas: 2,
    }),
  )
  asking.done = true
  await asked
  expect([...asking.answers].sort()).toEqual(['one', 'two'])
  expect(await text(address())).toMatch(/^two/)
  const sets = node.client.list('replicasets.apps').map((set) => set.spec.replicas)
  expect(sets.sort()).toEqual([0, 2])
})

test('a killed server is started again', async () => {
  await expect(text(`${address()}/die`)).rejects.toThrow()
  const restarts = () =>
    node.client
      .list('pods', { namespace: 'team-b' })
      .map((pod) => pod.status.containerStatuses?.[0].restartCount)
  await eventually(() => expect(restarts().sort()).toEqual([0, 1]))
  await eventually(() => expect(deployed()).toMatchObject({ availableReplicas: 2 }))
})

test('without endpoints a connection is refused', async () => {
  node.client.patch('deployments.apps', 'team-b', 'web', { spec: { replicas: 0 } })
  await eventually(() => expect(node.client.list('pods', { namespace: 'team-b' })).toEqual([]))
  await eventually(() =>
    expect(text(address())).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } }),
  )
})

test('a Service without selector leads where its slice says', async () => {
  node.pod('team-b', 'single', {
    containers: [{ name: 'web', image, env: [{ name: 'V', value: 'single' }] }],
  })
  await eventually(() =>
    expect(node.find('team-b', 'single')?.status.containerStatuses?.[0].ready).toBe(true),
  )
  const ports = [{ name: 'http', port: 9000 }]
  node.client.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'by-hand', namespace: 'team-a' },
    spec: { ports },
  })
  node.client.create('endpointslices.discovery.k8s.io', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'by-hand-1',
      namespace: 'team-a',
      labels: { 'kubernetes.io/service-name': 'by-hand' },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints: [
      { addresses: [node.find('team-b', 'single')?.status.podIP], conditions: { ready: true } },
    ],
  })
  const ip = node.client.find('services', 'team-a', 'by-hand')?.spec.clusterIP
  await eventually(async () => expect(await text(`http://${ip}:9000`)).toBe('single 127.0.0.1'))
  expect(await ask('by-hand-client', ['http://by-hand:9000'])).toEqual([
    expect.stringMatching(/^single 127\./),
  ])
})
