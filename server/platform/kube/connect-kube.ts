import { setMaxListeners } from 'node:events'
import { AppError } from '#server/platform/model/errors.ts'
import { type Kind, type KubeObject, resourceOf } from '#server/platform/model/kubernetes.ts'
import { readCredentials } from './credentials.ts'
import { Pod } from './kinds.ts'
import type { Kube, LogOptions, PatchOptions, Ref } from './kube.ts'
import { listObjects } from './list-objects.ts'
import { readChunks } from './log/read-chunks.ts'
import { pathOf } from './paths.ts'
import { reviewsOf } from './reviews.ts'
import { type Asked, isNotFound, translateFailure } from './translate-status.ts'
import { createTransport, type Transport } from './transport.ts'
import { type WatchTimes, watchObjects } from './watch/watch-objects.ts'

export type KubeTimes = WatchTimes & {
  callMs: number
  retriesMax: number
  /** A followed log that is silent for this long is taken up again where it stood. */
  logIdleMs: number
}

const defaultTimes: KubeTimes = {
  callMs: 30_000,
  retriesMax: 3,
  lifeSeconds: 300,
  idleMs: 90_000,
  logIdleMs: 120_000,
  retryBaseMs: 100,
  retryMaxMs: 20_000,
}

/**
 * Connects as the identity of a kubeconfig (path or text), else as kubectl would: KUBECONFIG, ~/.kube/config, the pod's
 * own account. Opens no socket yet; the signal closes it.
 */
export function connectKube(
  options: {
    kubeconfig?: string
    kubeconfigText?: string
    signal?: AbortSignal
    times?: Partial<KubeTimes>
  } = {},
): Kube {
  const times = { ...defaultTimes, ...options.times }
  const source = readCredentials({ path: options.kubeconfig, text: options.kubeconfigText })
  const transport = createTransport(source, times)
  if (options.signal) closeWith(options.signal, transport)
  const kube: Kube = {
    server: transport.server,
    now: () => transport.clock.now(),
    onClockJump: (listener, signal) => transport.clock.onJump(listener, signal),
    ...readsOf(transport),
    ...writesOf(transport),
    ...reviewsOf(transport),
    watch: (kind, { signal, ...selection }) => {
      const either = AbortSignal.any([signal, transport.closed])
      return watchObjects(transport, kind, { ...selection, signal: either }, times)
    },
    followLog: (pod, logOptions) => readLog(transport, pod, logOptions, times.logIdleMs),
    close: () => transport.close(),
  }
  return kube
}

function closeWith(signal: AbortSignal, transport: Transport): void {
  setMaxListeners(0, signal)
  if (signal.aborted) void transport.close()
  signal.addEventListener('abort', () => void transport.close(), { once: true })
}

function readsOf(transport: Transport): Pick<Kube, 'get' | 'find' | 'list' | 'version'> {
  async function get<T extends KubeObject>(kind: Kind<T>, ref: Ref): Promise<T> {
    const asked = askedOf('get', kind, ref)
    return (await transport.call({ method: 'GET', path: pathOf(kind, ref), asked })) as T
  }
  return {
    get,
    async find(kind, ref) {
      try {
        return await get(kind, ref)
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
    async version() {
      const asked = { verb: 'get', resource: 'version' }
      const answer = await transport.call({ method: 'GET', path: '/version', asked })
      return (answer as { gitVersion: string }).gitVersion
    },
    list: async (kind, options = {}) => (await listObjects(transport, kind, options)).objects,
  }
}

type Writes = 'create' | 'replace' | 'replaceStatus' | 'patch' | 'apply' | 'remove'

function writesOf(transport: Transport): Pick<Kube, Writes> {
  async function put<T extends KubeObject>(kind: Kind<T>, object: T, subresource?: 'status') {
    const { namespace, name } = object.metadata
    const path = pathOf(kind, { namespace, name, subresource })
    const asked = askedOf('update', kind, object.metadata, subresource)
    return (await transport.call({ method: 'PUT', path, body: object, asked })) as T
  }
  return {
    async create<T extends KubeObject>(kind: Kind<T>, object: T, options?: { dryRun?: boolean }) {
      const { namespace } = object.metadata
      if (kind.namespaced && !namespace) {
        throw new AppError('bad-request', `A ${kind.kind} is created in a namespace.`)
      }
      return (await transport.call({
        method: 'POST',
        path: pathOf(kind, { namespace }),
        query: { dryRun: options?.dryRun ? 'All' : undefined },
        body: object,
        asked: askedOf('create', kind, object.metadata),
      })) as T
    },
    replace: (kind, object) => put(kind, object),
    replaceStatus: (kind, object) => put(kind, object, 'status'),
    async patch<T extends KubeObject>(
      kind: Kind<T>,
      ref: Ref,
      body: unknown,
      { type = 'merge', subresource, dryRun, fieldManager }: PatchOptions = {},
    ) {
      return (await transport.call({
        method: 'PATCH',
        path: pathOf(kind, { ...ref, subresource }),
        query: { fieldManager, dryRun: dryRun ? 'All' : undefined },
        body,
        contentType: `application/${type === 'json' ? 'json-patch' : 'merge-patch'}+json`,
        asked: askedOf('patch', kind, ref, subresource),
      })) as T
    },
    async apply<T extends KubeObject>(
      kind: Kind<T>,
      object: T,
      { fieldManager, force, dryRun }: { fieldManager: string; force?: boolean; dryRun?: boolean },
    ) {
      return (await transport.call({
        method: 'PATCH',
        path: pathOf(kind, { namespace: object.metadata.namespace, name: object.metadata.name }),
        query: { fieldManager, force: force || undefined, dryRun: dryRun ? 'All' : undefined },
        body: object,
        contentType: 'application/apply-patch+yaml',
        // What is applied is the whole wish: applying it twice is applying it once.
        idempotent: true,
        asked: askedOf('apply', kind, object.metadata),
      })) as T
    },
    async remove(kind, ref, { propagation, uid, resourceVersion } = {}) {
      const preconditions = uid || resourceVersion ? { uid, resourceVersion } : undefined
      await transport.call({
        method: 'DELETE',
        path: pathOf(kind, ref),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: propagation,
          preconditions,
        },
        asked: askedOf('delete', kind, ref),
      })
    },
  }
}

async function* readLog(
  transport: Transport,
  pod: { namespace: string; name: string },
  { signal, ...query }: LogOptions,
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  const controller = new AbortController()
  const abort = () => controller.abort()
  if (signal?.aborted) return
  signal?.addEventListener('abort', abort, { once: true })
  const asked = askedOf('get', Pod, pod, 'log')
  try {
    const path = pathOf(Pod, { ...pod, subresource: 'log' })
    const ask = { method: 'GET', path, query, asked } as const
    // A container that has not written yet holds back even the headers.
    const body = await transport.open(ask, { signal: controller.signal, headersMs: idleMs })
    yield* readChunks(body, idleMs)
  } catch (error) {
    if (!signal?.aborted) throw translateFailure(error, asked)
  } finally {
    signal?.removeEventListener('abort', abort)
    abort()
  }
}

function askedOf(verb: string, kind: Kind<KubeObject>, ref: Ref, subresource?: string): Asked {
  const resource = subresource ? `${resourceOf(kind)}/${subresource}` : resourceOf(kind)
  return { verb, resource, namespace: ref.namespace, name: ref.name }
}
