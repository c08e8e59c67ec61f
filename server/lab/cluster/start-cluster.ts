import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StaticUser } from './access/authenticate.ts'
import { createAccess } from './access/create-access.ts'
import { startParameterInformers } from './api/admission/admission-parameters.ts'
import { startPolicyChecks } from './api/admission/start-policy-checks.ts'
import type { Api } from './api/api.ts'
import { makeCertificates } from './api/certificates.ts'
import { openHttpsServer } from './api/https-server.ts'
import { localClient } from './api/local-client.ts'
import { createRegistry } from './api/registry.ts'
import { startEventExpiry } from './api/store/expire-events.ts'
import { restoreObjects } from './api/store/restore-objects.ts'
import { createStore } from './api/store/store.ts'
import { clusterVersion } from './api/version.ts'
import type { ClusterClient, KubeObject } from './client.ts'
import { busyboxImage, type ImageTable } from './images/image-table.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { applyManifests } from './manifests/apply-manifests.ts'
import { claimAddresses } from './network/addresses.ts'
import { podTokens } from './pod-tokens.ts'
import { startRooms } from './start-rooms.ts'
import { tektonImages } from './tekton/tekton-images.ts'
import type { WorkloadOptions } from './workloads/start-workloads.ts'

export type ClusterOptions = {
  /** 0 (where absent): any free port. */
  port?: number
  /** Everything that is written is below it; a temporary folder, removed at the end, where absent. */
  stateDir?: string
  /** Images beside `localhost/busybox:1` and Tekton's own. */
  images?: ImageTable
  /** A kustomization to start with. */
  manifests?: string
  /** People with fixed tokens, by token. */
  tokens?: Record<string, StaticUser>
  /** Token of the user `admin` in `system:masters`; a random one where absent. */
  adminToken?: string
  /** How many changes are remembered for watches: 10,000 where absent. */
  logMax?: number
  /** How long a token is accepted after its account is gone: 10 s where absent, as in an API server. */
  tokenCacheMs?: number
  kubelet?: WorkloadOptions['kubelet']
  /** Hears of what should not happen; silent where absent. */
  warn?: (message: string) => void
  /** Aborting it closes the cluster. */
  signal?: AbortSignal
}

export type RunningCluster = {
  url: string
  /** PEM of the CA that signed the server's certificate. */
  ca: string
  adminToken: string
  /** Text of a kubeconfig with the context `bindery`; holds the admin's token. */
  kubeconfig: string
  client: ClusterClient
  /** A token of a ServiceAccount, as TokenRequest would give it. */
  issueToken(namespace: string, serviceAccount: string, audiences?: string[]): Promise<string>
  /** PEM texts for a client that signs in by a certificate. */
  issueClientCertificate(user: string, groups: string[]): Promise<{ cert: string; key: string }>
  /**
   * Puts objects in as a snapshot of another cluster holds them, with their uids and statuses: nothing is defaulted,
   * validated or admitted. Their namespaces and kinds have to be there.
   */
  restore(objects: KubeObject[]): void
  /** Forgets the change log: every watch and page that is not current becomes 410 Gone. */
  compact(): void
  /** Cuts every connection to the API server. */
  dropConnections(): void
  /** Resolves when no process is left. */
  close(): Promise<void>
}

/** Starts a cluster in this process: API server, controllers, one node, Tekton. */
export async function startCluster(options: ClusterOptions = {}): Promise<RunningCluster> {
  const end = new AbortController()
  // Every watch and connection listens to it.
  setMaxListeners(0, end.signal)
  const warn = options.warn ?? (() => undefined)
  const certificates = await makeCertificates(['127.0.0.1', '::1'])
  const server = await openHttpsServer(options.port ?? 0, certificates)
  const addresses = await claimAddresses(end.signal).catch(async (error: unknown) => {
    await server.close()
    throw error
  })
  const { stateDir, removeState } = openStateDir(options.stateDir)
  const registry = createRegistry()
  const client = localClient(() => api)
  const api: Api = {
    store: createStore(options.logMax),
    registry,
    client,
    now: () => new Date(),
    warn,
  }
  const adminToken = options.adminToken ?? randomBytes(32).toString('base64url')
  const images = { 'localhost/busybox:1': busyboxImage(), ...tektonImages(), ...options.images }
  const rooms = startRooms(api, addresses, end.signal)
  const access = await createAccess(
    client,
    {
      tokens: {
        ...options.tokens,
        [adminToken]: { username: 'admin', groups: ['system:masters'] },
      },
      tokenCacheMs: options.tokenCacheMs,
    },
    end.signal,
  )
  startEventExpiry(api, end.signal)
  startParameterInformers(api.store)
  startPolicyChecks(api, end.signal)
  const tokens = podTokens(client, access)
  const workloads = rooms.startWorkloads({
    stateDir,
    addresses,
    images,
    apiServer: { url: server.url, ca: certificates.ca },
    issueToken: tokens.forPod,
    version: clusterVersion.gitVersion,
    warn,
    ...(options.kubelet ? { kubelet: options.kubelet } : {}),
  })
  rooms.startTekton({ images, warn })
  for (const handler of [...access.handlers, ...workloads.handlers]) registry.addHandler(handler)
  server.serve({
    api,
    access,
    documentAt: access.issuerDocument,
    report: (error) => warn(error instanceof Error ? (error.stack ?? error.message) : `${error}`),
    signal: end.signal,
  })

  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      end.abort()
      await server.close()
      await workloads.stopped()
      removeState()
    })()
    return closing
  }
  if (options.signal?.aborted) await close()
  options.signal?.addEventListener('abort', () => void close(), { once: true })
  try {
    if (options.manifests) await applyManifests(api, options.manifests, end.signal)
  } catch (error) {
    await close()
    throw error
  }

  return {
    url: server.url,
    ca: certificates.ca,
    adminToken,
    kubeconfig: kubeconfigText(server.url, certificates.ca, adminToken),
    client,
    issueToken: tokens.forServiceAccount,
    issueClientCertificate: certificates.issueClient,
    restore: (objects) => restoreObjects(api, objects),
    compact: api.store.compact,
    dropConnections: server.dropConnections,
    close,
  }
}

function openStateDir(given: string | undefined): { stateDir: string; removeState: () => void } {
  if (given !== undefined) {
    mkdirSync(given, { recursive: true, mode: 0o700 })
    return { stateDir: given, removeState: () => undefined }
  }
  const stateDir = mkdtempSync(join(tmpdir(), 'bindery-cluster-'))
  return {
    stateDir,
    removeState: () => rmSync(stateDir, { recursive: true, force: true, maxRetries: 3 }),
  }
}
