import { isDeepStrictEqual } from 'node:util'
import { StatusError } from '#server/lab/cluster/api/status.ts'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import type { ImageTable } from '#server/lab/cluster/images/image-table.ts'
import { eventRecorder } from '#server/lab/cluster/workloads/record-event.ts'
import type { Reconciled } from './end-task-run.ts'
import { type RunEnvironment, reconcileTaskRun, remainingMs } from './reconcile-task-run.ts'
import { conditionOf, isDone } from './task-run-status.ts'
import type { Condition, TaskRunStatus } from './task-types.ts'
import { releaseAnnotation, tektonRelease } from './tekton-settings.ts'

const resource = 'taskruns.tekton.dev'
const retryMs = 1000
const timerMsMax = 2 ** 31 - 1

export type TektonOptions = {
  /** What steps without a command run: their image's entrypoint. */
  images: ImageTable
  /** Hears of what should not happen. */
  warn: (message: string) => void
}

/** Runs TaskRuns as pods until the signal aborts. */
export function startTekton(
  client: ClusterClient,
  options: TektonOptions,
  signal: AbortSignal,
): void {
  const record = eventRecorder(client)
  const waiting = new Set<string>()
  const timers = new Map<string, NodeJS.Timeout>()
  const starts = new Map<string, number>()

  const say = (about: KubeObject, type: 'Normal' | 'Warning', reason: string, message = '') =>
    record({ about, type, reason, message, component: 'TaskRun' })
  const env: RunEnvironment = {
    client,
    images: options.images,
    startedMs: (run) => starts.get(run.metadata.uid) ?? Date.now(),
    warn: (run, reason, message) => say(run, 'Warning', reason, message),
  }

  function enqueue(namespace: string | undefined, name: string) {
    const key = `${namespace}/${name}`
    if (waiting.has(key) || signal.aborted) return
    waiting.add(key)
    setImmediate(() => {
      waiting.delete(key)
      if (!signal.aborted) step(namespace ?? '', name)
    })
  }

  function step(namespace: string, name: string) {
    const key = `${namespace}/${name}`
    clearTimeout(timers.get(key))
    timers.delete(key)
    const run = client.find(resource, namespace, name)
    if (!run || run.metadata.deletionTimestamp || isForeign(run)) return
    try {
      noteStart(run)
      const reconciled = reconcileTaskRun(env, run)
      write(run, reconciled)
      if (isDone(reconciled.status)) return void starts.delete(run.metadata.uid)
      const left = reconciled.status.startTime ? remainingMs(env, run) : undefined
      if (left !== undefined) later(namespace, name, left)
    } catch (error) {
      // The world has moved on meanwhile, or is going away: look again. A status that somebody else wrote may be
      // anything, and must not end the cluster.
      if (error instanceof StatusError) later(namespace, name, retryMs)
      else options.warn(`TaskRun ${key}: ${error instanceof Error ? error.stack : error}`)
    }
  }

  function later(namespace: string, name: string, ms: number) {
    const timer = setTimeout(() => enqueue(namespace, name), Math.min(Math.max(ms, 0), timerMsMax))
    timers.set(`${namespace}/${name}`, timer.unref())
  }

  /** An attempt begins when it is first seen: from then on its time runs. */
  function noteStart(run: KubeObject) {
    if (isDone(run.status)) return
    if (run.status?.startTime) {
      if (!starts.has(run.metadata.uid))
        starts.set(run.metadata.uid, Date.parse(run.status.startTime))
      return
    }
    starts.set(run.metadata.uid, Date.now())
    if (run.spec.status !== 'TaskRunPending') say(run, 'Normal', 'Started')
  }

  function write(run: KubeObject, reconciled: Reconciled) {
    const { status: next, labels, annotations, error, removePod } = reconciled
    // Without the undefined fields, as it will be stored.
    const status: TaskRunStatus = JSON.parse(JSON.stringify(next))
    const { namespace, name } = run.metadata
    const wanted = {
      labels: { ...run.metadata.labels, ...labels },
      annotations: {
        ...run.metadata.annotations,
        ...annotations,
        [releaseAnnotation]: tektonRelease,
      },
    }
    const { labels: hasLabels = {}, annotations: hasAnnotations = {} } = run.metadata
    const has = { labels: hasLabels, annotations: hasAnnotations }
    if (!isDeepStrictEqual(has, wanted))
      client.patch(resource, namespace, name, { metadata: wanted })
    const current = client.find(resource, namespace, name)
    if (!current || isDeepStrictEqual(current.status, status)) return
    client.replaceStatus(resource, { ...current, status })
    if (removePod && client.find('pods', namespace, removePod))
      client.remove('pods', namespace, removePod)
    tell(run, conditionOf(run.status), conditionOf(status), error)
  }

  function tell(
    run: KubeObject,
    before: Condition | undefined,
    after: Condition | undefined,
    error: string | undefined,
  ) {
    if (!after || isDeepStrictEqual(before, after) || after.reason === 'TaskRunPending') return
    if (after.status === 'True') say(run, 'Normal', 'Succeeded', after.message)
    else if (after.status === 'False') say(run, 'Warning', 'Failed', after.message)
    else say(run, 'Normal', after.reason, after.message)
    if (error !== undefined) say(run, 'Warning', 'InternalError', error)
  }

  client.watch(
    resource,
    ({ type, object }) => {
      const { namespace, name, uid } = object.metadata
      if (type !== 'DELETED') return enqueue(namespace, name)
      clearTimeout(timers.get(`${namespace}/${name}`))
      timers.delete(`${namespace}/${name}`)
      starts.delete(uid)
    },
    signal,
  )
  client.watch(
    'pods',
    ({ object }) => {
      const owner = object.metadata.ownerReferences?.find((one) => one.kind === 'TaskRun')
      if (owner) enqueue(object.metadata.namespace, owner.name)
    },
    signal,
  )
  signal.addEventListener('abort', () => {
    for (const timer of timers.values()) clearTimeout(timer)
  })
}

/** Another controller was named to run it. */
function isForeign(run: KubeObject): boolean {
  const { managedBy } = run.spec
  return managedBy !== undefined && managedBy !== 'tekton.dev/pipeline'
}
