import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Api } from '#server/lab/cluster/api/api.ts'
import { jsonOf } from '#server/lab/cluster/api/json-of.ts'
import { apiVersionOf, type Served, tableOf } from '#server/lab/cluster/api/registry.ts'
import { expired, invalid, StatusError } from '#server/lab/cluster/api/status.ts'
import type { Change } from '#server/lab/cluster/api/store/store.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import type { ListOptions } from './list-objects.ts'

export type WatchOptions = ListOptions & {
  timeoutMs: number
  bookmarks: boolean
  sendInitialEvents: boolean | undefined
}

/** How an object appears in an event: as itself, as a row of a Table, as metadata only. */
export type Render = (object: KubeObject) => object

const bookmarkEveryMs = 60_000

export function watchOptions(list: ListOptions, query: URLSearchParams): WatchOptions {
  const seconds = Number(query.get('timeoutSeconds') ?? '0')
  const initial = query.get('sendInitialEvents')
  if (initial !== null && list.resourceVersionMatch !== 'NotOlderThan')
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
      {
        reason: 'FieldValueForbidden',
        message:
          'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
        field: 'resourceVersionMatch',
      },
    ])
  return {
    ...list,
    timeoutMs: seconds > 0 ? seconds * 1000 : randomInt(1800, 3600) * 1000,
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: initial === null ? undefined : isTrue(initial),
  }
}

export function isTrue(text: string | null): boolean {
  return text === 'true' || text === '1' || text === 'True'
}

/** Streams events until the reader goes, the time is over, or the server closes. Each watch is a cursor on the log. */
export async function streamWatch(
  api: Api,
  served: Served,
  options: WatchOptions,
  render: Render,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const table = tableOf(served.resource)
  const start = startOf(options, api.store.revision())
  response.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
  })
  response.flushHeaders()
  const write = (type: string, object: object) =>
    response.write(`{"type":"${type}","object":${jsonOf(object)}}\n`)

  if (start !== undefined && start < api.store.compactedRevision()) {
    const message = `too old resource version: ${start} (${api.store.compactedRevision()})`
    write('ERROR', expired(message).toBody())
    response.end()
    return
  }

  let seen = start ?? api.store.revision()
  let ready = true
  const flush = () => {
    if (!ready || response.writableEnded) return
    if (seen < api.store.compactedRevision() && api.store.revision() > seen) {
      const message = `too old resource version: ${seen} (${api.store.compactedRevision()})`
      write('ERROR', expired(message).toBody())
      response.end()
      return
    }
    for (const change of api.store.changesSince(table, seen)) {
      seen = change.revision
      const event = eventOf(change, options)
      if (!event) continue
      if (write(event.type, render(event.object))) continue
      // A slow reader holds only itself up: its cursor waits until the socket has room.
      ready = false
      void once(response, 'drain', { signal }).then(
        () => {
          ready = true
          flush()
        },
        () => undefined,
      )
      return
    }
    seen = Math.max(seen, ready ? api.store.revision() : seen)
  }

  let scheduled = false
  const stop = api.store.onChange(table, () => {
    if (scheduled) return
    // Caught up with this table: whatever the log has forgotten since was about other tables.
    if (ready) seen = Math.max(seen, api.store.revision() - 1)
    scheduled = true
    setImmediate(() => {
      scheduled = false
      flush()
    })
  })
  const bookmark = (annotations?: Record<string, string>) => {
    if (ready && !scheduled) seen = Math.max(seen, api.store.revision())
    const metadata = { resourceVersion: String(seen), ...(annotations ? { annotations } : {}) }
    write('BOOKMARK', bookmarkObject(served, metadata))
  }
  try {
    if (start === undefined) {
      for (const object of api.store.list(table, options.namespace))
        if (options.matches(object)) write('ADDED', render(object))
    } else flush()
    if (options.sendInitialEvents && options.bookmarks)
      bookmark({ 'k8s.io/initial-events-end': 'true' })
    const beat = options.bookmarks
      ? setInterval(() => ready && bookmark(), bookmarkEveryMs)
      : undefined
    await ended(response, signal, options.timeoutMs)
    clearInterval(beat)
  } finally {
    stop()
    if (!response.writableEnded) response.end()
  }
}

/** Undefined: begin with what is there. */
function startOf(options: WatchOptions, latest: number): number | undefined {
  const { resourceVersion, sendInitialEvents } = options
  if (resourceVersion !== '' && !/^\d+$/.test(resourceVersion))
    throw new StatusError(
      500,
      '',
      `resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}: strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`,
    )
  if (sendInitialEvents === true) return undefined
  if (resourceVersion !== '' && resourceVersion !== '0') return Number(resourceVersion)
  return sendInitialEvents === false ? latest : undefined
}

/** With a selector, an object that stops to match is DELETED for this reader, and one that starts to is ADDED. */
function eventOf(
  { type, object, previous }: Change,
  { namespace, matches }: WatchOptions,
): { type: string; object: KubeObject } | undefined {
  if (namespace !== undefined && object.metadata.namespace !== namespace) return undefined
  const is = type !== 'DELETED' && matches(object)
  const was = previous !== undefined && matches(previous)
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object }
  if (!was) return undefined
  if (type === 'DELETED') return { type: 'DELETED', object }
  const { resourceVersion } = object.metadata
  return {
    type: 'DELETED',
    object: { ...previous, metadata: { ...previous.metadata, resourceVersion } },
  }
}

function bookmarkObject({ resource, version }: Served, metadata: object): object {
  return { kind: resource.kind, apiVersion: apiVersionOf(resource.group, version), metadata }
}

function ended(response: ServerResponse, signal: AbortSignal, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, timeoutMs)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      response.off('close', done)
      response.off('finish', done)
      resolve()
    }
    signal.addEventListener('abort', done)
    response.on('close', done)
    response.on('finish', done)
    if (signal.aborted || response.writableEnded || response.destroyed) done()
  })
}
