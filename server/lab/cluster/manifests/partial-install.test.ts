import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Draft } from '#server/lab/cluster/client.ts'
import { type ApiCaller, apiCaller } from '#server/lab/cluster/contract/api-caller.ts'
import { type RunningCluster, startCluster } from '#server/lab/cluster/start-cluster.ts'
import { loadManifests } from './load-manifests.ts'

// Half an install, half an uninstall, one object gone: what is not Bindery's goes on being written.

const objects = loadManifests('manifests/overlays/embedded').filter(
  ({ kind }) => !['Deployment', 'ModelService'].includes(kind),
)

let cluster: RunningCluster
let api: ApiCaller

beforeAll(async () => {
  cluster = await startCluster()
  api = apiCaller(cluster.url, { ca: cluster.ca }, cluster.adminToken)
})
afterAll(async () => {
  api.close()
  await cluster.close()
})

/** What people write elsewhere at every moment: in a namespace of their own, as its administrators and as themselves. */
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  spec: { containers: [{ name: 'c', image: 'registry.example.org/app' }] },
}
const others: [string, object][] = [
  ['/api/v1/namespaces/default/pods', { ...pod, metadata: { name: 'theirs' } }],
  ['/api/v1/namespaces/default/pods', { ...pod, metadata: { name: 'bindery-probe' } }],
  ['/api/v1/namespaces/default/pods', { ...pod, metadata: { generateName: 'bindery-probe' } }],
  [
    '/api/v1/namespaces/default/configmaps',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs' }, data: { a: 'b' } },
  ],
  [
    '/api/v1/namespaces/default/services',
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'theirs' },
      spec: { type: 'ExternalName', externalName: 'example.com' },
    },
  ],
  [
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'theirs' },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.2.3'] }],
    },
  ],
  [
    '/apis/apps/v1/namespaces/default/deployments',
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'theirs' },
      spec: {
        selector: { matchLabels: { app: 'theirs' } },
        template: { metadata: { labels: { app: 'theirs' } }, spec: pod.spec },
      },
    },
  ],
  ['/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'theirs' } }],
]

async function refusals(when: string): Promise<string[]> {
  const asked = others.map(async ([path, body]) => {
    const { status, body: answer } = await api.post(`${path}?dryRun=All`, body)
    return status === 201 ? [] : [`${when}: ${path}: ${answer.message}`]
  })
  return (await Promise.all(asked)).flat()
}

function pathOf({ apiVersion, kind, metadata }: Draft): string {
  const core = apiVersion === 'v1'
  const plural = kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`
  const within = metadata.namespace ? `/namespaces/${metadata.namespace}` : ''
  const root = core ? '/api/v1' : `/apis/${apiVersion}`
  return `${root}${within}/${plural.toLowerCase()}/${metadata.name}`
}

const titleOf = ({ kind, metadata }: Draft) => `${kind} ${metadata.name}`

async function install(object: Draft): Promise<void> {
  for (;;) {
    const { status, body } = await api.patch(
      `${pathOf(object)}?fieldManager=i&force=true`,
      object,
      {
        contentType: 'application/apply-patch+yaml',
      },
    )
    if (status < 300) return
    // The namespace that is on its way out, or the kind that is not served yet.
    const passes = body?.details?.causes?.some(
      ({ reason }: { reason: string }) => reason === 'NamespaceTerminating',
    )
    if (!passes && status !== 404) throw new Error(`${titleOf(object)}: ${body.message}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function uninstall(object: Draft): Promise<void> {
  const { status } = await api.delete(pathOf(object))
  expect([titleOf(object), [200, 202, 404].includes(status)]).toEqual([titleOf(object), true])
}

test('installed object by object, in this order and in the other, nothing of others is refused', async () => {
  const found: string[] = []
  for (const object of objects) {
    await install(object)
    found.push(...(await refusals(`after ${titleOf(object)}`)))
  }
  expect(found).toEqual([])
  for (const object of objects.toReversed()) {
    await uninstall(object)
    found.push(...(await refusals(`without ${titleOf(object)}`)))
  }
  expect(found).toEqual([])
})

test('with any one object missing, nothing of others is refused', async () => {
  const found: string[] = []
  for (const object of objects) await install(object)
  for (const object of objects) {
    await uninstall(object)
    found.push(...(await refusals(`without ${titleOf(object)}`)))
    await install(object)
    // A namespace takes what lies in it along.
    if (object.kind === 'Namespace') for (const one of objects) await install(one)
  }
  expect(found).toEqual([])
})
