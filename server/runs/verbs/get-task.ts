import { stringify } from 'yaml'
import type { Context } from '#server/context.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { Task } from '#server/runs/model/task-run.ts'
import { type TaskDetailView, taskDetailView } from '#server/runs/views/task-detail-view.ts'
import { runResource } from './run-access.ts'

export async function getTask(
  ctx: Context,
  { namespace, name }: ObjectRef,
): Promise<TaskDetailView> {
  await ctx.authorize({ verb: 'get', resource: 'tasks.tekton.dev', namespace, name })

  // The catalogue is the serving namespace's; what stands elsewhere is not ours to read.
  const found =
    namespace === ctx.servingNamespace ? await ctx.kube.find(Task, { namespace, name }) : undefined
  if (!found) throw new AppError('not-found', `There is no Task ${name} in ${namespace}.`)
  const create = await ctx.may({ verb: 'create', resource: runResource, namespace })
  const task = ctx.redaction.object(found)
  const { labels, annotations } = task.metadata
  const yaml = stringify({
    apiVersion: task.apiVersion,
    kind: task.kind,
    metadata: { name, namespace, labels, annotations },
    spec: task.spec,
  })
  return taskDetailView(task, { create }, yaml)
}
