import { setMaxListeners } from 'node:events'
import type { Kube, ListOptions, WatchedEvent } from '#server/platform/kube/kube.ts'
import { isNewer } from '#server/platform/kube/resource-version.ts'
import { type Kind, type KubeObject, resourceOf } from '#server/platform/model/kubernetes.ts'

export type SharedWatch<T extends KubeObject> = {
  /** By `namespace/name`, or `name` where the kind has no namespace; undefined too while nothing is known yet. */
  get(key: string): T | undefined
  list(): T[]
  /** Resolves with the first snapshot; rejects when the signal aborts before. */
  synced(signal: AbortSignal): Promise<void>
  isSynced(): boolean
  /** Why what is known may be old; undefined while the upstream stands. */
  staleSince(): { at: Date; error: Error } | undefined
  /**
   * Told what is known, then every change. A relist comes as the changes it amounts to; only after `stale` is there a
   * snapshot as well.
   */
  subscribe(listener: (event: WatchedEvent<T>) => void, signal: AbortSignal): void
  /** The same for a reader that may be slow: one that fell far behind gets a snapshot in place of what it missed. */
  changes(signal: AbortSignal): AsyncIterable<WatchedEvent<T>>
  /** Puts in what a write of ours answered, so that the writer reads it back at once. */
  remember(object: T): void
}

export function keyOf(object: Pick<KubeObject, 'metadata'>): string {
  const { namespace, name } = object.metadata
  return namespace ? `${namespace}/${name}` : name
}

type Shared = { watch: SharedWatch<never>; holders: Set<AbortSignal>; ending: AbortController }

const sharedOf = new WeakMap<Kube, Map<string, Shared>>()

/** One upstream watch per connection, kind and selection, however many ask; it ends with the last asker's signal. */
export function sharedWatch<T extends KubeObject>(
  kube: Kube,
  kind: Kind<T>,
  { signal, ...options }: ListOptions & { signal: AbortSignal },
): SharedWatch<T> {
  const all = sharedOf.get(kube) ?? new Map<string, Shared>()
  sharedOf.set(kube, all)
  const { namespace = '', labelSelector = '', fieldSelector = '' } = options
  const key = [resourceOf(kind), kind.version, namespace, labelSelector, fieldSelector].join(' ')
  const there = all.get(key)
  const ending = there?.ending ?? new AbortController()
  const shared = there ?? {
    watch: startShared(kube.watch(kind, { ...options, signal: ending.signal })),
    holders: new Set<AbortSignal>(),
    ending,
  }
  all.set(key, shared as Shared)
  const { holders } = shared
  if (!holders.has(signal)) {
    holders.add(signal)
    whenAborted(signal, () => {
      holders.delete(signal)
      if (holders.size > 0) return
      ending.abort()
      if (all.get(key) === shared) all.delete(key)
    })
  }
  return shared.watch as unknown as SharedWatch<T>
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  // One signal owns as many readers as its process has.
  setMaxListeners(0, signal)
  if (signal.aborted) act()
  else signal.addEventListener('abort', act, { once: true })
}

function startShared<T extends KubeObject>(
  upstream: AsyncIterable<WatchedEvent<T>>,
): SharedWatch<T> {
  const objects = new Map<string, T>()
  const listeners = new Set<(event: WatchedEvent<T>) => void>()
  const waiting = new Set<() => void>()
  let synced = false
  let stale: { at: Date; error: Error } | undefined

  function tell(event: WatchedEvent<T>) {
    for (const listener of [...listeners]) listener(event)
  }

  function put(object: T) {
    const key = keyOf(object)
    const old = objects.get(key)
    if (old && !isNewer(object.metadata.resourceVersion, old.metadata.resourceVersion)) return
    objects.set(key, object)
    if (synced) tell({ type: 'upsert', object })
  }

  function drop(object: T) {
    const key = keyOf(object)
    const old = objects.get(key)
    if (!old || isNewer(old.metadata.resourceVersion, object.metadata.resourceVersion)) return
    objects.delete(key)
    tell({ type: 'remove', object })
  }

  function relisted(listed: T[]) {
    const keys = new Set(listed.map(keyOf))
    for (const [key, object] of [...objects]) {
      if (keys.has(key)) continue
      objects.delete(key)
      if (synced) tell({ type: 'remove', object })
    }
    for (const object of listed) put(object)
    const tellAll = !synced || stale
    synced = true
    stale = undefined
    if (tellAll) tell({ type: 'snapshot', objects: [...objects.values()] })
    for (const resolve of [...waiting]) resolve()
    waiting.clear()
  }

  async function run() {
    for await (const event of upstream) {
      if (event.type === 'upsert') put(event.object)
      else if (event.type === 'remove') drop(event.object)
      else if (event.type === 'snapshot') relisted(event.objects)
      else {
        stale ??= { at: new Date(), error: event.error }
        tell(event)
      }
    }
  }
  // The upstream heals itself; a failure here is a listener's bug and belongs to the process.
  void run()

  function subscribe(listener: (event: WatchedEvent<T>) => void, signal: AbortSignal) {
    if (signal.aborted) return
    listeners.add(listener)
    whenAborted(signal, () => listeners.delete(listener))
    if (synced) listener({ type: 'snapshot', objects: [...objects.values()] })
    if (stale) listener({ type: 'stale', error: stale.error })
  }

  return {
    get: (key) => objects.get(key),
    list: () => [...objects.values()],
    isSynced: () => synced,
    staleSince: () => stale,
    subscribe,
    changes: (signal) => changesOf(subscribe, () => [...objects.values()], signal),
    remember: put,
    synced(signal) {
      if (synced) return Promise.resolve()
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiting.delete(arrived)
          reject(signal.reason)
        }
        const arrived = () => {
          signal.removeEventListener('abort', leave)
          resolve()
        }
        waiting.add(arrived)
        whenAborted(signal, leave)
      })
    },
  }
}

const behindMax = 1_000

async function* changesOf<T extends KubeObject>(
  subscribe: SharedWatch<T>['subscribe'],
  list: () => T[],
  signal: AbortSignal,
): AsyncGenerator<WatchedEvent<T>> {
  const leaving = new AbortController()
  let queue: WatchedEvent<T>[] = []
  let behind = false
  let wake: (() => void) | undefined
  const leave = () => {
    leaving.abort()
    wake?.()
  }
  whenAborted(signal, leave)
  subscribe((event) => {
    if (queue.length >= behindMax) {
      queue = []
      behind = true
    }
    if (!behind) queue.push(event)
    wake?.()
  }, leaving.signal)
  try {
    while (!signal.aborted) {
      const events = behind ? [{ type: 'snapshot', objects: list() } as const] : queue
      behind = false
      queue = []
      for (const event of events) {
        yield event
        if (signal.aborted) return
      }
      if (queue.length > 0 || behind) continue
      await new Promise<void>((resolve) => {
        wake = resolve
        if (signal.aborted || queue.length > 0 || behind) resolve()
      })
      wake = undefined
    }
  } finally {
    leave()
    signal.removeEventListener('abort', leave)
  }
}
