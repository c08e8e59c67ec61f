import { Task } from '#server/domain/runs/task-run.ts'
import { taskView } from '#server/domain/runs/task-view.ts'
import type { TaskView } from '#server/domain/views.ts'
import type { Context } from '#server/usecases/context.ts'
import { runResource } from './run-access.ts'

export async function listTasks(ctx: Context): Promise<TaskView[]> {
  const namespace = ctx.servingNamespace
  await ctx.authorize({ verb: 'list', resource: 'tasks.tekton.dev', namespace })

  const create = await ctx.may({ verb: 'create', resource: runResource, namespace })
  const tasks = await ctx.kube.list(Task, { namespace })
  return tasks
    .map((task) => taskView(ctx.redaction.object(task), { create }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'))
}
