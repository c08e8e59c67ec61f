import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Agent } from 'node:https'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { type RunningCluster, startCluster } from '#server/lab/cluster/start-cluster.ts'
import { type ApiCaller, apiCaller } from './api-caller.ts'
import { madeBy, ownedByNamespace, removeLeftovers, removeMade } from './leftovers.ts'

/** The cluster under test, and a namespace of our own in it. */
export type Target = {
  api: ApiCaller
  namespace: string
  /** Metadata for what lies in no namespace: it goes with the test's namespace, however the test ends. */
  clusterWide(name: string): object
  /** Whether `api` signs in by a client certificate. */
  hasCertificate: boolean
  /** True where it is ours: then images with a shell are known and Tekton is served. */
  isEmbedded: boolean
  /** Deletes what was made. */
  close(): Promise<void>
}

const kubeconfigShape = z.object({
  'current-context': z.string(),
  contexts: z.array(
    z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) }),
  ),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({
        server: z.string(),
        'certificate-authority-data': z.string().optional(),
        'certificate-authority': z.string().optional(),
      }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({
        token: z.string().optional(),
        'client-certificate-data': z.string().optional(),
        'client-key-data': z.string().optional(),
      }),
    }),
  ),
})

/**
 * Connects to what `kubeconfig` names (a path), or starts an embedded cluster where it is undefined.
 * Only namespaces made here are touched.
 */
export async function openTarget(kubeconfig: string | undefined): Promise<Target> {
  const embedded = kubeconfig ? undefined : await startCluster()
  const { api, hasCertificate } = embedded
    ? await callerOfEmbedded(embedded)
    : callerOf(resolve(kubeconfig ?? ''))
  const namespace = `contract-${randomUUID().slice(0, 8)}`
  const endCleaner = embedded ? () => undefined : startCleaner(resolve(kubeconfig ?? ''), namespace)
  if (!embedded) await removeLeftovers(api)
  const created = await api.post('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: madeBy },
  })
  if (created.status !== 201) throw new Error(`cannot make a namespace: ${created.body.message}`)
  const ownerReferences = ownedByNamespace(created.body.metadata)
  return {
    api,
    namespace,
    hasCertificate,
    clusterWide: (name) => ({ name, labels: madeBy, ownerReferences }),
    isEmbedded: embedded !== undefined,
    async close() {
      await removeMade(api, namespace)
      endCleaner()
      api.close()
      await embedded?.close()
    },
  }
}

/** A process outside of the tests' group, which a Ctrl-C does not reach; it ends with the tests, and removes what they left. */
function startCleaner(kubeconfig: string, namespace: string): () => void {
  const program = fileURLToPath(new URL('./clean-up-after.ts', import.meta.url))
  const cleaner = spawn(process.execPath, ['--import', 'tsx', program, kubeconfig, namespace], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  cleaner.unref()
  return () => cleaner.stdin.end('finished')
}

/** As kind's administrator signs in: by a certificate. */
async function callerOfEmbedded({ url, ca, issueClientCertificate }: RunningCluster) {
  const { cert, key } = await issueClientCertificate('kubernetes-admin', ['system:masters'])
  return { api: apiCaller(url, { ca, cert, key }, undefined), hasCertificate: true }
}

/** How a kubeconfig's current context signs in. */
export function callerOf(path: string): { api: ApiCaller; hasCertificate: boolean } {
  const config = kubeconfigShape.parse(parse(readFileSync(path, 'utf8')))
  const { context } = named(config.contexts, config['current-context'])
  const { cluster } = named(config.clusters, context.cluster)
  const { user } = named(config.users, context.user)
  const caFile = cluster['certificate-authority']
  const ca = cluster['certificate-authority-data']
    ? decode(cluster['certificate-authority-data'])
    : caFile
      ? readFileSync(resolve(dirname(path), caFile), 'utf8')
      : undefined
  const cert = user['client-certificate-data']
  const key = user['client-key-data']
  if (!user.token && !cert)
    throw new Error('the contract tests need a kubeconfig with a token or a client certificate')
  const tls = {
    ...(ca ? { ca } : {}),
    ...(cert && key ? { cert: decode(cert), key: decode(key) } : {}),
  } satisfies ConstructorParameters<typeof Agent>[0]
  const hasCertificate = cert !== undefined && key !== undefined
  return { api: apiCaller(cluster.server, tls, user.token), hasCertificate }
}

function named<T extends { name: string }>(list: T[], name: string): T {
  const found = list.find((one) => one.name === name)
  if (!found) throw new Error(`the kubeconfig names ${name}, which is not in it`)
  return found
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}
