import type { LogContainer } from '#server/domain/run-log-views.ts'
import { runState } from '#server/domain/run-view.ts'
import type { TaskRun } from '#server/domain/task-run.ts'
import { followLog } from '#server/kube/follow-log.ts'
import { type ContainerState, Pod } from '#server/kube/kinds.ts'
import type { Kube } from '#server/kube/kube.ts'
import type { LogCursor } from '#server/kube/log-lines.ts'
import type { WatchedRun } from './follow-run-steps.ts'
import { type LogEntry, piecesOf } from './log-entry.ts'

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
  kube: Kube,
  container: string,
  watched: WatchedRun,
  signal: AbortSignal,
  from?: { attempt: number } & LogCursor,
): AsyncGenerator<{ entries: LogEntry[]; at: ({ attempt: number } & LogCursor) | undefined }> {
  let attempt = from?.attempt ?? 0
  let place: LogCursor | undefined = from
  while (!signal.aborted) {
    const run = watched.current()
    if (!run) return
    const past = run.status?.retriesStatus?.[attempt]
    const name = (past ?? run.status)?.podName
    const head = { step: container, ...(attempt > 0 ? { attempt: attempt + 1 } : {}) }
    if (name) {
      const pod = { namespace: run.metadata.namespace ?? '', name }
      for await (const part of followLog(kube, pod, { container, from: place, signal })) {
        if (part.type === 'gap')
          yield { entries: [{ ...head, reason: part.reason }], at: undefined }
        else {
          const end = part.lines.at(-1)
          const entries = part.lines.flatMap((line) => piecesOf({ ...head, ...line }))
          yield { entries, at: end && { at: end.at, count: end.count, attempt } }
        }
      }
      place = undefined
      const now = watched.current()
      if (!now || (now.status?.retriesStatus?.length ?? 0) <= attempt) return
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
