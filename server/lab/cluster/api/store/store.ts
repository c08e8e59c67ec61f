import type { KubeObject, WatchEvent } from '#server/lab/cluster/client.ts'

/** One entry of the change log. */
export type Change = {
  revision: number
  type: WatchEvent['type']
  /** Group and plural, `deployments.apps`. */
  table: string
  object: KubeObject
  /** What was there before: undefined for ADDED. */
  previous: KubeObject | undefined
}

/** All objects of the cluster in memory, one counter of revisions, and a bounded log of what changed. */
export type Store = {
  revision(): number
  /** Changes up to and including this revision are forgotten. */
  compactedRevision(): number
  get(table: string, namespace: string | undefined, name: string): KubeObject | undefined
  /** In order of namespace and name. */
  list(table: string, namespace?: string): KubeObject[]
  tables(): string[]
  /** Stores a new or changed object under the next revision, which is written into it. Returns the stored one. */
  put(table: string, object: KubeObject): KubeObject
  /** The last state of the object carries the revision of its removal. */
  remove(table: string, namespace: string | undefined, name: string): KubeObject | undefined
  /** Changes of a table after a revision, oldest first. */
  changesSince(table: string, revision: number): Change[]
  /** Called after every change of the table (of all tables with `*`). Returns how to stop. */
  onChange(table: string, listener: () => void): () => void
  /** Forgets the log, so that every older revision is Expired. */
  compact(): void
}

/** Revisions start well above zero, so that `resourceVersion=1` is as old as in a cluster that has lived. */
const firstRevision = 1000

type Table = { objects: Map<string, KubeObject>; keys: string[] }

const logBytesDefault = 64 * 2 ** 20

/**
 * A young store has forgotten nothing: like an API server before its first compaction, it answers every revision.
 * @param logMax changes that are remembered for watches and consistent pages
 * @param logBytesMax what they may hold beside the objects that are there, about
 */
export function createStore(logMax = 10_000, logBytesMax = logBytesDefault): Store {
  const tables = new Map<string, Table>()
  const listeners = new Map<string, Set<() => void>>()
  let log: (Change & { bytes: number })[] = []
  let logBytes = 0
  let revision = firstRevision
  let compacted = 0

  function tableOf(name: string): Table {
    const known = tables.get(name)
    if (known) return known
    const created = { objects: new Map<string, KubeObject>(), keys: [] }
    tables.set(name, created)
    return created
  }

  function append(change: Change, bytes: number): void {
    log.push({ ...change, bytes })
    logBytes += bytes
    // Twice the window, then half is cut: cutting at every change would move the whole array each time.
    if (log.length > logMax * 2 || (logBytes > logBytesMax * 2 && log.length > 1)) trim()
    for (const listener of listeners.get(change.table) ?? []) listener()
    for (const listener of listeners.get('*') ?? []) listener()
  }

  function trim(): void {
    let from = log.length - 1
    let kept = log[from]?.bytes ?? 0
    while (from > 0 && log.length - from < logMax) {
      const { bytes } = log[from - 1] ?? { bytes: 0 }
      if (kept + bytes > logBytesMax) break
      kept += bytes
      from -= 1
    }
    log = log.slice(from)
    logBytes = kept
    compacted = (log[0]?.revision ?? revision) - 1
  }

  return {
    revision: () => revision,
    compactedRevision: () => compacted,
    get: (table, namespace, name) => tables.get(table)?.objects.get(keyOf(namespace, name)),
    list(table, namespace) {
      const found = tables.get(table)
      if (!found) return []
      const [start, end] = rangeOf(found.keys, namespace)
      const result: KubeObject[] = []
      for (let at = start; at < end; at++) {
        const object = found.objects.get(found.keys[at] ?? '')
        if (object) result.push(object)
      }
      return result
    },
    tables: () => [...tables.keys()],
    put(name, object) {
      const table = tableOf(name)
      const key = keyOf(object.metadata.namespace, object.metadata.name)
      const previous = table.objects.get(key)
      revision += 1
      object.metadata.resourceVersion = String(revision)
      const bytes = deepFreeze(object)
      if (!previous) table.keys.splice(positionOf(table.keys, key), 0, key)
      table.objects.set(key, object)
      const type = previous ? 'MODIFIED' : 'ADDED'
      append({ revision, type, table: name, object, previous }, bytes)
      return object
    },
    remove(name, namespace, objectName) {
      const table = tables.get(name)
      const key = keyOf(namespace, objectName)
      const previous = table?.objects.get(key)
      if (!table || !previous) return undefined
      revision += 1
      table.objects.delete(key)
      table.keys.splice(positionOf(table.keys, key), 1)
      const resourceVersion = String(revision)
      const last = { ...previous, metadata: { ...previous.metadata, resourceVersion } }
      const bytes = deepFreeze(last)
      append({ revision, type: 'DELETED', table: name, object: last, previous }, bytes)
      return previous
    },
    changesSince(table, since) {
      // Revisions are dense in the log, so the start is found without looking.
      const first = log[0]
      if (!first) return []
      return log
        .slice(Math.max(0, since + 1 - first.revision))
        .filter((change) => change.table === table && change.revision > since)
    },
    onChange(table, listener) {
      const set = listeners.get(table) ?? new Set()
      listeners.set(table, set.add(listener))
      return () => void set.delete(listener)
    },
    compact() {
      log = []
      logBytes = 0
      compacted = revision
    },
  }
}

function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

function rangeOf(keys: string[], namespace: string | undefined): [number, number] {
  if (namespace === undefined) return [0, keys.length]
  // '0' is the character after '/'.
  return [positionOf(keys, `${namespace}/`), positionOf(keys, `${namespace}0`)]
}

/** Where a key is, or would be inserted. */
function positionOf(keys: string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Stored objects are shared with every reader; freezing turns a reader's mistake into an error at its source.
 * @returns about how many bytes were not stored before: what is frozen already is shared with an earlier object
 */
function deepFreeze(value: unknown): number {
  if (typeof value === 'string') return 16 + value.length
  if (typeof value !== 'object' || value === null) return 8
  if (Object.isFrozen(value)) return 0
  Object.freeze(value)
  return Object.values(value).reduce<number>((sum, one) => sum + 16 + deepFreeze(one), 32)
}
