import type { LogContainer } from '#server/domain/runs/run-log-views.ts'
import { runState } from '#server/domain/runs/run-view.ts'
import type { TaskRun } from '#server/domain/runs/task-run.ts'
import { type ContainerState, Pod } from '#server/kube/kinds.ts'
import type { Kube } from '#server/kube/kube.ts'
import { followContainer, type LogBatch, type ReadLogOptions } from './follow-run-steps.ts'

/** What else runs in the pod of a run: the containers that Tekton puts before the steps, and sidecars. */
export async function runContainers(kube: Kube, run: TaskRun): Promise<LogContainer[]> {
  const { podName, sidecars = [] } = run.status ?? {}
  const ref = { namespace: run.metadata.namespace ?? '', name: podName ?? '' }
  const pod = podName ? await kube.find(Pod, ref) : undefined
  const init = (pod?.status?.initContainerStatuses ?? []).map(
    ({ name, state }): LogContainer => ({ name, kind: 'init', state: stateOf(state) }),
  )
  return [
    ...init,
    ...sidecars.map(
      ({ container, ...state }): LogContainer => ({
        name: container,
        kind: 'sidecar',
        state: runState(run) === 'running' ? stateOf(state) : 'ended',
      }),
    ),
  ]
}

/** The log of one such container, attempt after attempt. */
export async function* followRunContainer(
  options: ReadLogOptions,
  container: string,
): AsyncGenerator<LogBatch> {
  const { watched, signal } = options
  let place = options.from
  let attempt = place?.attempt ?? 0
  while (!signal.aborted) {
    const run = watched.current()
    if (!run) return
    const name = (run.status?.retriesStatus?.[attempt] ?? run.status)?.podName
    if (name) {
      const where = { namespace: run.metadata.namespace ?? '', name, attempt, step: 0 }
      yield* followContainer({ ...options, from: place }, where, container, container)
      place = undefined
      const retries = watched.current()?.status?.retriesStatus?.length ?? 0
      if (retries <= attempt) return
      attempt++
    } else if (runState(run) === 'pending' || runState(run) === 'running') {
      await watched.changed(signal)
    } else return
  }
}

function stateOf({ running, terminated }: ContainerState = {}): LogContainer['state'] {
  if (terminated) return 'ended'
  return running ? 'running' : 'waiting'
}
