import type { Context } from '#server/context.ts'
import { Task } from '#server/runs/model/task-run.ts'
import type { TaskView } from '#server/runs/views/run.ts'
import { taskView } from '#server/runs/views/task-view.ts'
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
