import { setImmediate } from 'node:timers/promises'
import type { Context } from '#server/context.ts'
import { sseFrame } from '#server/platform/http/sse.ts'
import type { OutsideRequests } from '#server/platform/kube/outside-requests.ts'
import { keyOf } from '#server/platform/kube/watch/shared-watch.ts'
import type { Log } from '#server/platform/log.ts'
import { createChangeSignal } from '#server/platform/time/change-signal.ts'
import type { ListEvent, ListKind } from '#server/processes/web/views/list-events.ts'
import type { Redaction } from '#server/runs/log/redaction/redaction.ts'
import type { Person, Watches } from './live-lists.ts'
import {
  bindingNamespace,
  namespacesIn,
  type Rights,
  rightsOf,
  visibleView,
} from './visible-views.ts'

/** An event as it is sent: the same bytes for all tabs of the person, so that a slow one holds none of its own. */
export type ListFrame = Uint8Array

export type PersonLists = {
  readonly person: Person
  touch(kind: ListKind, id: string): void
  touchAll(): void
  follow(kinds: ListKind[], signal: AbortSignal): AsyncIterable<ListFrame[]>
}

type Tab = { kinds: Set<ListKind>; queue: ListFrame[]; behind: boolean; wake: () => void }

const allKinds: ListKind[] = ['services', 'bindings', 'runs']
const framesMax = 500
const retryMs = 2000
/** Everybody else who shares the thread has a turn after it. */
const sliceMaxMs = 8

/** What one person sees: kept as the text that is sent, so that only what looks different to them is sent again. */
export function createPersonLists(options: {
  person: Person
  watches: Watches
  redaction: Redaction
  servingNamespace: string
  may: Context['may']
  recheckMs: number
  /** What is kept for all tabs is made outside of the request of the first. */
  outside: OutsideRequests
  log: Log
  onUnused: () => void
}): PersonLists {
  const { person, watches, redaction, servingNamespace, may, recheckMs, outside, log } = options
  const shown: Record<ListKind, Map<string, string>> = {
    services: new Map(),
    bindings: new Map(),
    runs: new Map(),
  }
  const snapshots = new Map<ListKind, ListFrame>()
  const tabs = new Set<Tab>()
  const dirty = new Set<string>()
  const known = createChangeSignal()
  // Every connection begins with a snapshot, so ids only have to grow.
  let lastId = Date.now()
  let whole = true
  let ready = false
  let working = false
  let retry: NodeJS.Timeout | undefined
  let recheck: NodeJS.Timeout | undefined
  let rights: Rights | undefined

  /** Level-triggered: however often something was touched, what stands when it is looked at is what counts. */
  async function work() {
    if (working) return
    working = true
    try {
      while ((whole || dirty.size > 0) && tabs.size > 0) {
        const all = whole
        const marked = [...dirty]
        whole = false
        dirty.clear()
        const ids = marked.map(split)
        let held = rights
        try {
          if (all || !held || !ids.every((id) => isReviewed(held, id))) {
            held = await rightsOf(person, may, servingNamespace, namespacesIn(watches))
            rights = held
          }
        } catch (error) {
          // Nothing new is shown while nobody can say what may be seen.
          log.warn({ err: error, user: person.user }, 'rights could not be reviewed')
          whole = true
          clearTimeout(retry)
          retry = setTimeout(() => void work(), retryMs)
          return
        }
        await look(all ? everything() : ids, held)
        if (all && !ready) {
          ready = true
          known.notify()
        }
      }
    } finally {
      working = false
    }
  }

  function isReviewed(held: Rights | undefined, [kind, id]: [ListKind, string]): boolean {
    const namespace = bindingNamespace(watches, kind, id)
    return namespace === undefined || held?.namespaces.has(namespace) === true
  }

  function everything(): [ListKind, string][] {
    return allKinds.flatMap((kind) => {
      const ids = new Set([...watches[kind].list().map(keyOf), ...shown[kind].keys()])
      return [...ids].map((id): [ListKind, string] => [kind, id])
    })
  }

  async function look(items: [ListKind, string][], rights: Rights) {
    const now = new Date()
    let sliceMs = performance.now()
    for (const [kind, id] of items) {
      if (performance.now() - sliceMs > sliceMaxMs) {
        await setImmediate()
        sliceMs = performance.now()
      }
      const item = visibleView(kind, id, { ...watches, redaction }, rights, now)
      const text = item && JSON.stringify(item)
      if (text === shown[kind].get(id)) continue
      snapshots.delete(kind)
      if (text === undefined) {
        shown[kind].delete(id)
        tell(kind, 'remove', JSON.stringify({ kind, id }))
      } else {
        shown[kind].set(id, text)
        tell(kind, 'upsert', `{"kind":"${kind}","item":${text}}`)
      }
    }
  }

  function frameOf(event: ListEvent['event'], json: string): ListFrame {
    lastId++
    return sseFrame({ event, id: lastId, json })
  }

  function tell(kind: ListKind, event: ListEvent['event'], json: string) {
    const frame = frameOf(event, json)
    for (const tab of tabs) {
      if (!tab.kinds.has(kind) || tab.behind) continue
      if (tab.queue.length >= framesMax) {
        tab.queue = []
        tab.behind = true
      } else tab.queue.push(frame)
      tab.wake()
    }
  }

  function snapshotOf(kind: ListKind): ListFrame {
    const made = snapshots.get(kind)
    if (made) return made
    const items = [...shown[kind].values()].join(',')
    const frame = frameOf('snapshot', `{"kind":"${kind}","items":[${items}]}`)
    snapshots.set(kind, frame)
    return frame
  }

  function touchAll() {
    whole = true
    void outside(work)
  }

  /** Spread, so that those who came together are not looked at together for ever. */
  function recheckLater() {
    recheck = setTimeout(
      () => {
        touchAll()
        recheckLater()
      },
      recheckMs * (0.75 + Math.random() / 2),
    )
  }

  return {
    person,
    touchAll,
    touch(kind, id) {
      dirty.add(`${kind} ${id}`)
      void outside(work)
    },
    async *follow(kinds, signal) {
      const wake = createChangeSignal()
      const tab: Tab = { kinds: new Set(kinds), queue: [], behind: true, wake: wake.notify }
      tabs.add(tab)
      if (!recheck) outside(recheckLater)
      touchAll()
      try {
        while (!ready && !signal.aborted) await known.next(signal)
        while (!signal.aborted) {
          const frames = tab.behind ? [...tab.kinds].map(snapshotOf) : tab.queue
          tab.behind = false
          tab.queue = []
          if (frames.length > 0) yield frames
          else await wake.next(signal)
        }
      } finally {
        tabs.delete(tab)
        if (tabs.size === 0) {
          clearTimeout(recheck)
          clearTimeout(retry)
          snapshots.clear()
          recheck = undefined
          options.onUnused()
        }
      }
    },
  }
}

function split(mark: string): [ListKind, string] {
  const space = mark.indexOf(' ')
  return [mark.slice(0, space) as ListKind, mark.slice(space + 1)]
}
