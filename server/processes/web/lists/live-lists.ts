import { setMaxListeners } from 'node:events'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import type { Context } from '#server/context.ts'
import { Namespace } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { outsideRequests } from '#server/platform/kube/outside-requests.ts'
import { keyOf, type SharedWatch, sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import type { Log } from '#server/platform/log.ts'
import type { Actor } from '#server/platform/model/actor.ts'
import type { KubeObject } from '#server/platform/model/kubernetes.ts'
import type { ListKind } from '#server/processes/web/views/list-events.ts'
import { isHistory } from '#server/runs/log/archive/run-record.ts'
import type { Redaction } from '#server/runs/log/redaction/redaction.ts'
import { goneRun } from '#server/runs/model/gone-run.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { ModelService } from '#server/serving/model/model-service.ts'
import { createPersonLists, type ListFrame, type PersonLists } from './person-lists.ts'

export type Person = Extract<Actor, { type: 'person' }>

export type Watches = {
  services: SharedWatch<ModelService>
  bindings: SharedWatch<ModelBinding>
  runs: SharedWatch<TaskRun>
  namespaces: SharedWatch<Namespace>
  /** Runs that went while this process looked, as they are remembered. */
  gone: ReadonlyMap<string, TaskRun>
}

export type LiveLists = {
  /**
   * A snapshot of each kind, then changes, as that person may see them at each moment. Frames that pile up behind a slow
   * reader are replaced by a fresh snapshot.
   */
  follow(person: Person, kinds: ListKind[], signal: AbortSignal): AsyncIterable<ListFrame[]>
  readonly watches: Watches
}

const goneMax = 200

/**
 * One upstream watch per kind serves all browsers of this process. Views are made once per person, not per tab, and
 * again every `recheckMs`, so that a lost right closes the tap and time alone changes what is shown.
 */
export function createLiveLists(options: {
  kube: Kube
  redaction: Redaction
  log: Log
  servingNamespace: string
  mayOf: (person: Person) => Context['mayCached']
  /** Told whose rights may have changed. */
  onRightsChange?: (listener: (affects: (person: Person) => boolean) => void) => void
  recheckMs?: number
  signal: AbortSignal
}): LiveLists {
  const { kube, redaction, log, servingNamespace, mayOf, recheckMs = 10_000, signal } = options
  setMaxListeners(0, signal)
  const outside = outsideRequests()
  let started: Watches | undefined
  const people = new Map<string, PersonLists>()
  options.onRightsChange?.((affects) => {
    for (const lists of people.values()) if (affects(lists.person)) lists.touchAll()
  })

  function watches(): Watches {
    started ??= start()
    return started
  }

  function start(): Watches {
    const namespace = servingNamespace
    const gone = new Map<string, TaskRun>()
    const all = {
      gone,
      services: sharedWatch(kube, ModelService, { namespace, signal }),
      bindings: sharedWatch(kube, ModelBinding, { signal }),
      runs: sharedWatch(kube, TaskRun, { namespace, signal }),
      namespaces: sharedWatch(kube, Namespace, { signal }),
    }
    // Before anybody is told that a run went.
    all.runs.subscribe((event) => {
      if (event.type === 'upsert') gone.delete(keyOf(event.object))
      if (event.type !== 'remove' || !isHistory(event.object)) return
      gone.set(keyOf(event.object), goneRun(event.object, new Date()))
      for (const old of gone.keys()) if (gone.size > goneMax) gone.delete(old)
    }, signal)
    tellOf('services', all.services)
    tellOf('bindings', all.bindings)
    tellOf('runs', all.runs)
    return all
  }

  function tellOf<T extends KubeObject>(kind: ListKind, watch: SharedWatch<T>) {
    watch.subscribe((event) => {
      for (const lists of people.values()) {
        if (event.type === 'snapshot') lists.touchAll()
        else if (event.type === 'upsert' || event.type === 'remove') {
          lists.touch(kind, keyOf(event.object))
        }
      }
    }, signal)
  }

  function listsOf(person: Person): PersonLists {
    const key = JSON.stringify([person.user, [...person.groups].sort()])
    const there = people.get(key)
    if (there) return there
    const lists = createPersonLists({
      person,
      watches: watches(),
      redaction,
      servingNamespace,
      may: mayOf(person),
      recheckMs,
      outside,
      log,
      onUnused: () => people.delete(key),
    })
    people.set(key, lists)
    return lists
  }

  return {
    get watches() {
      return watches()
    },
    async *follow(person, kinds, until) {
      const both = AbortSignal.any([until, signal])
      const all = watches()
      try {
        // Which runs are a namespace's own is not known before.
        await Promise.all([...kinds, 'namespaces' as const].map((kind) => all[kind].synced(both)))
      } catch (error) {
        if (both.aborted) return
        throw error
      }
      yield* listsOf(person).follow(kinds, both)
    },
  }
}
