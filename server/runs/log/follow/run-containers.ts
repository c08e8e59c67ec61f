import { type ContainerState, Pod } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import type { RunArchive } from '#server/runs/log/archive/run-archive.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { LogContainer } from '#server/runs/views/run-log-views.ts'
import { runState } from '#server/runs/views/run-view.ts'
import {
  changedSince,
  followContainer,
  type LogBatch,
  podUid,
  type ReadLogOptions,
  replacedBy,
} from './follow-run-steps.ts'

const sidecarPrefix = 'sidecar-'

/**
 * What else runs in the pod of a run: the containers that Tekton puts before the steps, and sidecars, in the pod's order.
 * Of a pod that is gone, those that the archive has kept.
 */
export async function runContainers(
  kube: Kube,
  run: TaskRun,
  archive?: Pick<RunArchive, 'listParts'>,
): Promise<LogContainer[]> {
  const { podName, sidecars = [] } = run.status ?? {}
  const ref = { namespace: run.metadata.namespace ?? '', name: podName ?? '' }
  const pod = podName ? await kube.find(Pod, ref) : undefined
  const isOpen = runState(run) === 'running' || runState(run) === 'pending'
  const stateIn = (state: ContainerState | undefined) => (isOpen ? stateOf(state) : 'ended')
  if (pod) {
    const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
    const statuses = [...initContainerStatuses, ...containerStatuses]
    return [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
      .filter(({ name }) => !name.startsWith('step-'))
      .map(({ name }) => {
        const state = statuses.find((one) => one.name === name)?.state
        return { name, kind: kindOf(name), state: stateIn(state) }
      })
  }
  const kept = (await archive?.listParts(run.metadata.uid ?? '').catch(() => [])) ?? []
  const names = [
    ...kept.filter((part) => part !== 'steps'),
    ...sidecars.map((one) => one.container),
  ]
  return [...new Set(names)]
    .map((name): LogContainer => ({ name, kind: kindOf(name), state: 'ended' }))
    .sort((a, b) => a.kind.localeCompare(b.kind, 'en'))
}

/** The log of one such container, attempt after attempt, and in each of them pod after pod. */
export async function* followRunContainer(
  options: ReadLogOptions,
  container: string,
): AsyncGenerator<LogBatch> {
  const { watched, signal } = options
  let place = options.from
  let attempt = place?.attempt ?? 0
  let uid = place?.pod
  let isRead = false
  while (!signal.aborted) {
    const run = watched.current()
    if (!run) return
    const past = run.status?.retriesStatus?.[attempt]
    const name = (past ?? run.status)?.podName
    const found = name ? await podUid(options, run, name) : undefined
    if (uid && found && found !== uid) {
      yield replacedBy(found, { attempt, step: container }, options.redactor)
      place = undefined
      isRead = false
    }
    uid = found ?? uid
    options.reached?.({ attempt, step: 0, pod: uid })
    const isOpen = !past && (runState(run) === 'pending' || runState(run) === 'running')
    // A pod that was deleted while its run goes on is replaced.
    const isComing = isOpen && uid !== undefined && !found
    if (name && !isRead && !isComing) {
      const namespace = run.metadata.namespace ?? ''
      const where = { namespace, name, uid, attempt, step: 0 }
      yield* followContainer(
        { ...options, restarts: true, from: place },
        where,
        container,
        container,
      )
      place = undefined
      isRead = true
    } else if (past) {
      attempt++
      uid = undefined
      place = undefined
      isRead = false
    } else if (isOpen && (!isRead || isComing || options.untilOver)) {
      await changedSince(watched, run, signal)
    } else return
  }
}

function kindOf(container: string): LogContainer['kind'] {
  return container.startsWith(sidecarPrefix) ? 'sidecar' : 'init'
}

function stateOf({ running, terminated }: ContainerState = {}): LogContainer['state'] {
  if (terminated) return 'ended'
  return running ? 'running' : 'waiting'
}
