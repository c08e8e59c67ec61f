import { badRequest, type StatusError } from '#server/lab/cluster/api/status.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { taskRunSpecShape, taskSpecShape } from '#server/lab/cluster/tekton/task-shapes.ts'
import type { Condition, TaskRunSpec, TaskSpec } from '#server/lab/cluster/tekton/task-types.ts'
import { DecodeError, decodeFields, type Shape } from './decode-fields.ts'
import { type FieldError, formatFieldErrors } from './field-error.ts'
import { defaultTaskRunSpec, defaultTaskSpec } from './set-defaults.ts'
import { validateTask } from './validate-task.ts'
import { type TaskRunBefore, validateTaskRun } from './validate-task-run.ts'

const managedByLabel = 'app.kubernetes.io/managed-by'
const topLevel = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status'])

/** Reads a Task's spec and fills in its defaults, in place, as Tekton's mutating webhook does. */
export function mutateTask(task: KubeObject): void {
  // The decoder has checked every field of the shape, which mirrors the type.
  const spec = decodeSpec(task, taskSpecShape) as TaskSpec
  defaultTaskSpec(spec)
  task.spec = spec
}

/** The same for a TaskRun, which also gets the label that says who runs it. */
export function mutateTaskRun(run: KubeObject): void {
  const spec = decodeSpec(run, taskRunSpecShape) as TaskRunSpec
  defaultTaskRunSpec(spec)
  run.spec = spec
  run.metadata.labels = { [managedByLabel]: 'tekton-pipelines', ...run.metadata.labels }
}

/** Throws what the validating webhook answers to an invalid Task. */
export function admitTask(task: KubeObject): void {
  refuse(validateTask(nameOf(task), task.spec))
}

/** Throws what the validating webhook answers to an invalid TaskRun, or to a forbidden change of one. */
export function admitTaskRun(run: KubeObject, old: KubeObject | undefined): void {
  refuse(validateTaskRun(nameOf(run), run.spec, old && beforeOf(old)))
}

/** A refusal in the words of Tekton's validating webhook. */
export function denied(reason: string): StatusError {
  return badRequest(
    `admission webhook "validation.webhook.pipeline.tekton.dev" denied the request: validation failed: ${reason}`,
  )
}

function refuse(errors: FieldError[]): void {
  if (errors.length > 0) throw denied(formatFieldErrors(errors))
}

function decodeSpec(object: KubeObject, shape: Shape): unknown {
  try {
    const unknown = Object.keys(object).find((key) => !topLevel.has(key))
    if (unknown) throw new DecodeError(`json: unknown field ${JSON.stringify(unknown)}`)
    return decodeFields(shape, object.spec ?? {}, object.kind, 'spec')
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw badRequest(
      `admission webhook "webhook.pipeline.tekton.dev" denied the request: mutation failed: cannot decode incoming new object: ${error.message}`,
    )
  }
}

function beforeOf(old: KubeObject): TaskRunBefore {
  const conditions: Condition[] = old.status?.conditions ?? []
  const status = conditions.find((one) => one.type === 'Succeeded')?.status
  return {
    spec: old.spec,
    done: status === 'True' || status === 'False',
    started: Boolean(old.status?.startTime),
  }
}

/** A name that is still to be generated is judged by its beginning. */
function nameOf(object: KubeObject): string {
  const { name, generateName } = object.metadata
  return name || `${(generateName ?? '').slice(0, 58)}00000`
}
