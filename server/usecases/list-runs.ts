import { bindingOf, runView } from '#server/domain/run-view.ts'
import { TaskRun } from '#server/domain/task-run.ts'
import type { RunView } from '#server/domain/views.ts'
import { bindingResource } from './binding-access.ts'
import type { Context } from './context.ts'
import { runResource, runRightsOf } from './run-access.ts'

/** Runs as such, or those of bindings that the person may list; the newest first. */
export async function listRuns(ctx: Context): Promise<RunView[]> {
  const namespace = ctx.servingNamespace
  const [runs, mayAll, rights] = await Promise.all([
    ctx.kube.list(TaskRun, { namespace }),
    ctx.may({ verb: 'list', resource: runResource, namespace }),
    runRightsOf(ctx, namespace),
  ])
  const seen = await Promise.all(
    runs.map(async (run) => {
      if (mayAll) return true
      const binding = bindingOf(run)
      if (!binding) return false
      return ctx.may({ verb: 'list', resource: bindingResource, namespace: binding.namespace })
    }),
  )
  return runs
    .filter((_, index) => seen[index])
    .map((run) => runView(run, rights))
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))
}
