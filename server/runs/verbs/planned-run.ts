import { type BindingContext, userOf } from '#server/access/verbs/binding-access.ts'
import { AppError, type FieldError } from '#server/platform/model/errors.ts'
import { hasMask } from '#server/runs/model/redact-object.ts'
import type { StartRunBody } from '#server/runs/model/start-run-schema.ts'
import { type Param, type ParamSpec, Task, type TaskRun } from '#server/runs/model/task-run.ts'
import { isStartedByHand, ownWorkspaces } from '#server/runs/views/task-view.ts'
import { runOfTask } from './run-of-task.ts'

/** The run that would be made of what was filled in; refuses with a message beside each field that is not right. */
export async function plannedRun(ctx: BindingContext, input: StartRunBody): Promise<TaskRun> {
  const task = await ctx.kube.get(Task, { namespace: ctx.servingNamespace, name: input.task })
  if (!isStartedByHand(task)) {
    const text = 'Runs of this task come from requests for access; it is not started by hand.'
    throw new AppError('forbidden', text, { key: 'run.notByHand' })
  }
  const fields = [
    ...paramProblems(task.spec.params ?? [], input.params),
    ...workspaceProblems(task, input.workspaces),
  ]
  if (fields.length > 0) {
    throw new AppError('unprocessable', 'Some of it is not right.', { fields })
  }
  // A field left empty keeps the Task's own value.
  const params: Param[] = Object.entries(input.params)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ({ name, value }))
  const { workspaces, why } = input
  const { requestId } = ctx
  return runOfTask(task, { params, workspaces, startedBy: userOf(ctx), why, requestId })
}

/** What is missing, unknown or of another shape than the Task declares. */
function paramProblems(specs: ParamSpec[], given: StartRunBody['params']): FieldError[] {
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
    } else if (hasMask(value)) {
      refuse(spec.name, 'This is what stands in the place of a secret, and not its value.')
    } else if (shapeOf(value) !== (spec.type ?? 'string')) {
      refuse(spec.name, `The task takes ${spec.type ?? 'string'} here.`)
    } else if (spec.enum && typeof value === 'string' && !spec.enum.includes(value)) {
      refuse(spec.name, `Choose one of ${spec.enum.join(', ')}.`)
    }
  }
  return fields
}

function workspaceProblems(task: Task, given: StartRunBody['workspaces']): FieldError[] {
  const declared = (task.spec.workspaces ?? []).map(({ name }) => name)
  const own = ownWorkspaces(task)
  return Object.entries(given).flatMap(([name, { kind }]) => {
    const field = `workspaces.${name}`
    if (!declared.includes(name)) return { field, message: 'The task has no such workspace.' }
    if (!own.includes(name) || kind === 'emptyDir') return []
    return { field, message: 'Use an empty directory: other runs could write to this workspace.' }
  })
}

function shapeOf(value: Param['value']): ParamSpec['type'] {
  if (typeof value === 'string') return 'string'
  return Array.isArray(value) ? 'array' : 'object'
}
