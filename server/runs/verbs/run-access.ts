import { bindingResource } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import { Namespace } from '#server/platform/kube/kinds.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { isOfNamespace } from '#server/runs/model/of-this-namespace.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { bindingOf, type RunRights, runView } from '#server/runs/views/run-view.ts'

export const runResource = 'taskruns.tekton.dev'

type RunContext = Pick<Context, 'kube' | 'store' | 'log' | 'may' | 'servingNamespace'>

/**
 * The run, for whoever may see runs as such or the binding that it serves (with `log`: its log); also one that the cluster
 * has no more, as it was kept. Everybody else is told the same as of a run that is not there.
 */
export async function visibleRun(
  ctx: RunContext,
  { namespace, name }: ObjectRef,
  what: { log?: boolean } = {},
): Promise<TaskRun> {
  const run =
    namespace === ctx.servingNamespace ? await findRun(ctx, { namespace, name }) : undefined
  const may = await ctx.may({ verb: 'get', resource: runResource, namespace, name })
  if (run && (may || (await maySeeBinding(ctx, run, what.log)))) return run
  throw new AppError('not-found', `There is no run ${name} in ${namespace}.`)
}

/** Whether what `visibleRun` decided still holds; for a stream, which asks often. */
export async function stillVisible(
  ctx: Pick<Context, 'mayCached'>,
  run: TaskRun,
  what: { log?: boolean } = {},
): Promise<boolean> {
  const { namespace, name } = run.metadata
  if (await ctx.mayCached({ verb: 'get', resource: runResource, namespace, name })) return true
  const binding = bindingOf(run)
  if (!binding) return false
  const subresource = what.log ? 'log' : undefined
  return ctx.mayCached({ verb: 'get', resource: bindingResource, subresource, ...binding })
}

async function findRun(ctx: RunContext, ref: ObjectRef): Promise<TaskRun | undefined> {
  const there = await ctx.kube.find(TaskRun, ref)
  if (there) return there
  const record = await ctx.store.archive.findRun(ref)
  return record?.goneAt && record.run
}

async function maySeeBinding(ctx: RunContext, run: TaskRun, log = false): Promise<boolean> {
  const binding = bindingOf(run)
  if (!binding) return false
  const subresource = log ? 'log' : undefined
  const may = await ctx.may({ verb: 'get', resource: bindingResource, subresource, ...binding })
  if (!may) return false
  const namespace = await ctx.kube.find(Namespace, { name: binding.namespace })
  return isOfNamespace(run.metadata.creationTimestamp, namespace)
}

export async function runRightsOf(
  ctx: Pick<Context, 'may'>,
  namespace: string,
): Promise<RunRights> {
  const ask = (verb: string) => ctx.may({ verb, resource: runResource, namespace })
  const [create, patch, remove] = await Promise.all([ask('create'), ask('patch'), ask('delete')])
  return { create, patch, delete: remove }
}

export async function runViewFor(
  ctx: Pick<Context, 'may' | 'redaction'>,
  run: TaskRun,
): Promise<RunView> {
  return runView(ctx.redaction.object(run), await runRightsOf(ctx, run.metadata.namespace ?? ''))
}

/** The run, for who was authorised already to change it. */
export async function getRunToChange(
  ctx: RunContext,
  { namespace, name }: ObjectRef,
): Promise<TaskRun> {
  if (namespace === ctx.servingNamespace) return ctx.kube.get(TaskRun, { namespace, name })
  throw new AppError('not-found', `There is no run ${name} in ${namespace}.`)
}
