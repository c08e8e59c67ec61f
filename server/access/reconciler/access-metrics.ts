import { Gauge, type Registry } from 'prom-client'
import { isHeldUp } from '#server/access/model/end-backoff.ts'
import { termOf, warningAt } from '#server/access/model/grant-term.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { activeGrant } from '#server/access/model/requested-changes.ts'
import { bindingState, isPending } from '#server/access/views/binding-view.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { runState } from '#server/runs/views/run-view.ts'

/** What the leader sees; read at each scrape, so that no figure is older than that. */
export type AccessSource = {
  bindings(): readonly ModelBinding[]
  runs(): readonly TaskRun[]
  now(): Date
  /** Keys (`binding/…`) that have failed without a success in between, and since when, on the monotonic clock. */
  failingSinceMs: ReadonlyMap<string, number>
}

export type AccessMetrics = { watches(source: AccessSource | undefined): void }

/** Gauges of the leader about all bindings; no label names a tenant. Other replicas say 0 or nothing: ask for `max`. */
export function accessMetrics(registry: Registry): AccessMetrics {
  let source: AccessSource | undefined

  function gauge(
    name: string,
    help: string,
    labelNames: string[],
    read: (
      from: AccessSource,
      set: (labels: Record<string, string>, value: number) => void,
    ) => void,
  ) {
    new Gauge({
      ...{ name, help, labelNames, registers: [registry] },
      collect() {
        this.reset()
        if (source) read(source, (labels, value) => this.set(labels, value))
      },
    })
  }

  gauge('bindery_bindings', 'Bindings by state.', ['state'], ({ bindings, now }, set) => {
    const counts = new Map<string, number>()
    for (const binding of bindings()) {
      const state = bindingState(binding, now())
      counts.set(state, (counts.get(state) ?? 0) + 1)
    }
    for (const [state, count] of counts) set({ state }, count)
  })
  gauge(
    'bindery_runs',
    'Runs that are in the cluster, by task and state.',
    ['task', 'state'],
    ({ runs }, set) => {
      const counts = new Map<string, number>()
      for (const run of runs()) {
        const key = `${run.spec.taskRef?.name ?? ''}/${runState(run)}`
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
      for (const [key, count] of counts) {
        const [task = '', state = ''] = key.split('/')
        set({ task, state }, count)
      }
    },
  )
  const counted = (name: string, help: string, is: (binding: ModelBinding, now: Date) => boolean) =>
    gauge(name, help, [], ({ bindings, now }, set) =>
      set({}, bindings().filter((binding) => is(binding, now())).length),
    )
  counted('bindery_bindings_expiring', 'Bindings whose grant is about to end.', isExpiring)
  counted(
    'bindery_bindings_drifted',
    'Bindings whose objects differ from what was approved.',
    isDrifted,
  )
  counted(
    'bindery_bindings_blocked',
    'Bindings whose end failed so often that it waits for a person.',
    ({ status }) => isHeldUp(status?.end),
  )
  gauge(
    'bindery_oldest_pending_request_seconds',
    'Age of the oldest request that nobody has decided; 0 where none waits.',
    [],
    ({ bindings, now }, set) => {
      const since = bindings()
        .filter((binding) => isPending(binding, now()))
        .map(({ status, metadata }) =>
          Date.parse(status?.seal?.since ?? metadata.creationTimestamp ?? ''),
        )
        .filter((ms) => !Number.isNaN(ms))
      set({}, since.length > 0 ? Math.max(0, (now().getTime() - Math.min(...since)) / 1000) : 0)
    },
  )
  gauge(
    'bindery_controller_failing_seconds',
    'For how long the key that has failed longest has had no success, by kind of key.',
    ['what'],
    ({ failingSinceMs }, set) => {
      const longest: Record<string, number> = { binding: 0, service: 0, sweep: 0 }
      for (const [key, sinceMs] of failingSinceMs) {
        const what = key.split('/', 1)[0] ?? ''
        longest[what] = Math.max(longest[what] ?? 0, (performance.now() - sinceMs) / 1000)
      }
      for (const [what, seconds] of Object.entries(longest)) set({ what }, seconds)
    },
  )
  return {
    watches(now) {
      source = now
    },
  }
}

function isExpiring(binding: ModelBinding, now: Date): boolean {
  const standing = activeGrant(binding)
  const term = standing && termOf(standing)
  return term !== undefined && warningAt(term, now) !== undefined
}

function isDrifted({ status }: ModelBinding): boolean {
  return (status?.drift?.changes.length ?? 0) > 0
}
