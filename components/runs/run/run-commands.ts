import type { RunView } from '#server/runs/views/run.ts'
import type { RunDetailView } from '#server/runs/views/run-detail-view.ts'

/** What is on a run's page, for a terminal; undefined where the cluster has the run no more. */
export function runCommands(
  run: Pick<RunView, 'namespace' | 'name' | 'state' | 'goneAt'>,
  { attempts }: Pick<RunDetailView, 'attempts'>,
): string | undefined {
  if (run.goneAt) return undefined
  const lines = [`kubectl -n ${run.namespace} get taskrun ${run.name} -o yaml`]
  const pod = attempts.at(-1)?.pod
  // The pod of a run that was stopped went with it.
  if (pod && run.state !== 'cancelled' && run.state !== 'timed-out') {
    const follow = run.state === 'running' ? ' -f' : ''
    lines.push(
      `kubectl -n ${run.namespace} logs${follow} ${pod} --all-containers --timestamps`,
      `tkn -n ${run.namespace} taskrun logs${follow} ${run.name}`,
    )
  }
  return lines.join('\n')
}
