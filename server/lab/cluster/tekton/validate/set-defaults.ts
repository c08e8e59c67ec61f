import {
  type ParamSpec,
  type ResultSpec,
  type TaskRunSpec,
  type TaskSpec,
  typeOfValue,
} from '#server/lab/cluster/tekton/task-types.ts'
import { formatGoDuration } from './go-text.ts'

/** How long a TaskRun may take that states no timeout: Tekton's default-timeout-minutes. */
export const defaultTimeoutMs = 3_600_000

/** Fills in what Tekton's defaulting webhook fills in; changes the spec in place. */
export function defaultTaskSpec(spec: TaskSpec): void {
  for (const param of spec.params ?? []) defaultParam(param)
  for (const result of spec.results ?? []) defaultResult(result)
  for (const step of spec.steps ?? [])
    for (const result of step.results ?? []) defaultResult(result)
}

export function defaultTaskRunSpec(spec: TaskRunSpec): void {
  if (spec.taskRef && !spec.taskRef.resolver && !spec.taskRef.kind) spec.taskRef.kind = 'Task'
  spec.timeout ??= formatGoDuration(defaultTimeoutMs)
  if (spec.serviceAccountName === '') spec.serviceAccountName = 'default'
  if (spec.taskSpec) defaultTaskSpec(spec.taskSpec)
}

function defaultParam(param: ParamSpec): void {
  if (!param.type) {
    if (param.properties) param.type = 'object'
    else param.type = param.default === undefined ? 'string' : typeOfValue(param.default)
  }
  defaultProperties(param)
}

function defaultResult(result: ResultSpec): void {
  result.type ??= result.properties ? 'object' : 'string'
  defaultProperties(result)
}

function defaultProperties(spec: ParamSpec | ResultSpec): void {
  for (const property of Object.values(spec.properties ?? {})) property.type ??= 'string'
}
