import { bindingResource } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import { Namespace } from '#server/platform/kube/kinds.ts'
import { isOfNamespace } from '#server/runs/model/of-this-namespace.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { bindingOf, type RunRights, runView } from '#server/runs/views/run-view.ts'
import { runResource, runRightsOf } from './run-access.ts'

export const goneRunsMax = 500

/**
 * Runs as such, or those of bindings that the person may list; the newest first. The newest of those that the cluster has
 * no more are among them, as they were kept.
 */
export async function listRuns(ctx: Context): Promise<RunView[]> {
  const namespace = ctx.servingNamespace
  const [there, gone, mayAll, rights] = await Promise.all([
    ctx.kube.list(TaskRun, { namespace }),
    goneRuns(ctx, namespace),
    ctx.may({ verb: 'list', resource: runResource, namespace }),
    runRightsOf(ctx, namespace),
  ])
  const names = new Set(there.map((run) => run.metadata.name))
  const runs = [...there]
  for (const run of gone) {
    // A name that was used again means the newest run.
    if (names.has(run.metadata.name)) continue
    names.add(run.metadata.name)
    runs.push(run)
  }
  const views = await seenRuns(ctx, runs, mayAll, rights)
  return views.sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))
}

/** Those that the person may see. */
export async function seenRuns(
  ctx: Context,
  runs: TaskRun[],
  mayAll: boolean,
  rights: RunRights,
): Promise<RunView[]> {
  const namespaces = new Map<string, Promise<Namespace | undefined>>()
  const namespaceOf = (name: string) => {
    const asked = namespaces.get(name) ?? ctx.kube.find(Namespace, { name })
    namespaces.set(name, asked)
    return asked
  }
  const seen = await Promise.all(
    runs.map(async (run) => {
      if (mayAll) return true
      const binding = bindingOf(run)
      if (!binding) return false
      const { namespace } = binding
      if (!(await ctx.may({ verb: 'list', resource: bindingResource, namespace }))) return false
      return isOfNamespace(run.metadata.creationTimestamp, await namespaceOf(namespace))
    }),
  )
  return runs
    .filter((_, index) => seen[index])
    .map((run) => runView(ctx.redaction.object(withoutTask(run)), rights))
}

/** A list shows nothing of what exactly ran, and looking through it for secrets is most of the work. */
function withoutTask(run: TaskRun): TaskRun {
  const { taskSpec: _, retriesStatus: __, ...status } = run.status ?? {}
  return status.steps?.length ? { ...run, status } : run
}

/** Without the archive there is still what runs now. */
async function goneRuns(ctx: Context, namespace: string): Promise<TaskRun[]> {
  try {
    const records = await ctx.store.archive.listGoneRuns(namespace, goneRunsMax)
    return records.map(({ run }) => run)
  } catch (error) {
    ctx.log.warn({ err: error }, 'the archive of runs cannot be asked')
    return []
  }
}
