import { runEvents } from '#server/domain/audit-events.ts'
import { AppError, type FieldError } from '#server/domain/errors.ts'
import type { StartRunBody } from '#server/domain/start-run-schema.ts'
import { type Param, type ParamSpec, Task, TaskRun } from '#server/domain/task-run.ts'
import { isStartedByHand } from '#server/domain/task-view.ts'
import type { RunView } from '#server/domain/views.ts'
import { userOf } from './binding-access.ts'
import type { Context } from './context.ts'
import { runResource, runViewFor } from './run-access.ts'
import { runOfTask } from './run-of-task.ts'

/** Starts a run of one of the serving namespace's Tasks. */
export async function startRun(ctx: Context, input: StartRunBody): Promise<RunView> {
  const namespace = ctx.servingNamespace
  await ctx.authorize({ verb: 'create', resource: runResource, namespace })

  const task = await ctx.kube.get(Task, { namespace, name: input.task })
  if (!isStartedByHand(task)) {
    const text = 'Runs of this task come from requests for access; it is not started by hand.'
    throw new AppError('forbidden', text, { key: 'run.notByHand' })
  }
  const params = paramsFor(task.spec.params ?? [], input.params)
  const run = runOfTask(task, { params, startedBy: userOf(ctx), why: input.why })
  const created = await ctx.kube.create(TaskRun, run)
  ctx.note(runEvents(created))
  return runViewFor(ctx, created)
}

/** Those that were given, each as the Task declares it; what is missing, unknown or of another shape is named. */
function paramsFor(specs: ParamSpec[], given: StartRunBody['params']): Param[] {
  const fields: FieldError[] = []
  const refuse = (name: string, message: string) =>
    fields.push({ field: `params.${name}`, message })

  for (const name of Object.keys(given)) {
    if (!specs.some((spec) => spec.name === name)) refuse(name, 'The task has no such parameter.')
  }
  for (const spec of specs) {
    const value = given[spec.name]
    if (value === undefined || value === '') {
      if (spec.default === undefined) refuse(spec.name, 'The task needs this parameter.')
    } else if (shapeOf(value) !== (spec.type ?? 'string')) {
      refuse(spec.name, `The task takes ${spec.type ?? 'string'} here.`)
    } else if (spec.enum && typeof value === 'string' && !spec.enum.includes(value)) {
      refuse(spec.name, `Choose one of ${spec.enum.join(', ')}.`)
    }
  }
  if (fields.length > 0) {
    throw new AppError('unprocessable', 'Some parameters are not right.', { fields })
  }
  // A field left empty keeps the Task's own value.
  return Object.entries(given)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ({ name, value }))
}

function shapeOf(value: Param['value']): ParamSpec['type'] {
  if (typeof value === 'string') return 'string'
  return Array.isArray(value) ? 'array' : 'object'
}
