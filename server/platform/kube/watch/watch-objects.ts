import type { ListOptions, WatchedEvent } from '#server/platform/kube/kube.ts'
import { asKept, listObjects } from '#server/platform/kube/list-objects.ts'
import { readChunks } from '#server/platform/kube/log/read-chunks.ts'
import { lineSplitter } from '#server/platform/kube/log/split-lines.ts'
import { pathOf } from '#server/platform/kube/paths.ts'
import { isExpired, translateStatus } from '#server/platform/kube/translate-status.ts'
import type { Transport } from '#server/platform/kube/transport.ts'
import { type Kind, type KubeObject, resourceOf } from '#server/platform/model/kubernetes.ts'
import { backoffMs, pause } from '#server/platform/time/backoff.ts'

export type WatchTimes = {
  /** The server ends each watch by itself about then. */
  lifeSeconds: number
  /** Bookmarks come every minute; a watch that is silent for longer is taken for dead. */
  idleMs: number
  retryBaseMs: number
  retryMaxMs: number
}

type WatchLine<T> = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'; object: T }

/** Where the watch stands; kept over reconnects. */
type Position = { resourceVersion: string; progressed: boolean }

/** An object of etcd's greatest size, escaped, with its managed fields. */
const eventBytesMax = 16 << 20

/**
 * The reflector: a list in pages, then a watch from its resourceVersion. A cut watch is taken up where it stood and
 * nobody hears of it; only if that fails, or the version is too old, it lists again and says what stands now.
 */
export async function* watchObjects<T extends KubeObject>(
  transport: Transport,
  kind: Kind<T>,
  { signal, ...options }: ListOptions & { signal: AbortSignal },
  times: WatchTimes,
): AsyncGenerator<WatchedEvent<T>> {
  let failures = 0
  let told = false
  while (!signal.aborted) {
    try {
      const listed = await listObjects(transport, kind, options)
      if (signal.aborted) return
      told = false
      yield { type: 'snapshot', objects: listed.objects }
      const position = { resourceVersion: listed.resourceVersion, progressed: false }
      const error = yield* watchFrom(transport, kind, { ...options, signal }, times, position)
      if (position.progressed) failures = 0
      if (signal.aborted) return
      if (!isExpired(error)) {
        told = true
        yield { type: 'stale', error }
      }
    } catch (error) {
      if (signal.aborted) return
      if (!told) {
        told = true
        yield { type: 'stale', error: asError(error) }
      }
    }
    await pause(backoffMs(failures++, times.retryBaseMs, times.retryMaxMs), signal)
  }
}

/** Watches, and watches again from where it stood, until that fails twice in a row; returns why. */
async function* watchFrom<T extends KubeObject>(
  transport: Transport,
  kind: Kind<T>,
  options: ListOptions & { signal: AbortSignal },
  times: WatchTimes,
  position: Position,
): AsyncGenerator<WatchedEvent<T>, Error> {
  let errors = 0
  let useless = 0
  while (!options.signal.aborted) {
    const before = position.resourceVersion
    const startedAt = performance.now()
    try {
      yield* watchOnce(transport, kind, options, times, position)
      errors = 0
    } catch (error) {
      errors = position.resourceVersion === before ? errors + 1 : 1
      if (isExpired(error) || errors > 1) return asError(error)
    }
    // A server that ends every watch at once must not be asked in a tight loop.
    const useful = position.resourceVersion !== before || performance.now() - startedAt > 5_000
    useless = useful ? 0 : useless + 1
    if (useful) position.progressed = true
    if (errors + useless > 0) {
      await pause(backoffMs(useless, times.retryBaseMs, times.retryMaxMs), options.signal)
    }
  }
  return new Error('aborted')
}

async function* watchOnce<T extends KubeObject>(
  transport: Transport,
  kind: Kind<T>,
  { signal, namespace, labelSelector, fieldSelector }: ListOptions & { signal: AbortSignal },
  times: WatchTimes,
  position: Position,
): AsyncGenerator<WatchedEvent<T>> {
  const asked = { verb: 'watch', resource: resourceOf(kind), namespace }
  const query = {
    labelSelector,
    fieldSelector,
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: position.resourceVersion,
    timeoutSeconds: Math.ceil(times.lifeSeconds * (1 + Math.random())),
  }
  const path = pathOf(kind, { namespace })
  const ask = { method: 'GET', path, query, asked } as const
  const body = await transport.open(ask, { signal, headersMs: times.idleMs })
  const lines = lineSplitter(eventBytesMax)
  for await (const chunk of readChunks(body, times.idleMs)) {
    for (const { bytes } of lines.push(chunk)) {
      const { type, object } = JSON.parse(bytes.toString('utf8')) as WatchLine<T>
      if (type === 'ERROR') {
        const status = object as { code?: number }
        throw translateStatus(status.code ?? 500, JSON.stringify(object), asked)
      }
      position.resourceVersion = object.metadata.resourceVersion ?? position.resourceVersion
      if (type === 'BOOKMARK') continue
      yield { type: type === 'DELETED' ? 'remove' : 'upsert', object: asKept(kind, object) }
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
