import type { ClusterClient } from '#server/lab/cluster/client.ts'
import { invalidRun, TaskRunFailure } from './task-run-failure.ts'
import {
  type Param,
  type ParamSpec,
  type TaskRunSpec,
  type TaskSpec,
  typeOfValue,
  type WorkspaceDeclaration,
} from './task-types.ts'
import { type FieldError, formatFieldErrors } from './validate/field-error.ts'
import { goList, goMapOfLists, goQuote } from './validate/go-text.ts'
import { validateBinding } from './validate/validate-task-run.ts'
import { indexedReferences } from './validate/variables.ts'

export type ResolvedTask = {
  name: string
  spec: TaskSpec
  /** Of the Task that is referred to: the run inherits them. */
  labels: Record<string, string>
  annotations: Record<string, string>
}

type Run = { name: string; namespace: string; spec: TaskRunSpec }

/** The Task of a run, inline or by name; throws a TaskRunFailure where there is none. */
export function resolveTask(client: ClusterClient, run: Run): ResolvedTask {
  const { taskRef, taskSpec } = run.spec
  if (taskSpec)
    return { name: run.name, spec: withoutActions(taskSpec), labels: {}, annotations: {} }
  const name = taskRef?.name ?? ''
  if (taskRef?.resolver)
    throw unresolved(
      `error requesting remote resource: the embedded cluster has no resolver ${goQuote(taskRef.resolver)}`,
    )
  const task = client.find('tasks.tekton.dev', run.namespace, name)
  if (!task || (taskRef?.kind ?? 'Task') !== 'Task')
    throw unresolved(
      `error when listing tasks for taskRun ${run.name}: tasks.tekton.dev ${goQuote(name)} not found`,
    )
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...annotations } =
    task.metadata.annotations ?? {}
  return {
    name,
    spec: withoutActions(task.spec),
    labels: task.metadata.labels ?? {},
    annotations,
  }
}

function withoutActions(spec: TaskSpec): TaskSpec {
  const step = spec.steps.find((one) => one.ref)
  if (!step) return spec
  throw unresolved(
    `the embedded cluster has no StepActions: step ${goQuote(step.name)} refers to ${goQuote(step.ref?.name ?? step.ref?.resolver ?? '')}`,
  )
}

/** Throws a TaskRunFailure where the run does not give its Task what that needs. */
export function checkRun(run: Run, task: ResolvedTask): void {
  checkParams(run, task)
  checkIndexes(run.spec.params ?? [], task.spec)
  checkWorkspaces(run, task.spec)
  const names = (list: { name: string }[] | undefined) => (list ?? []).map((one) => one.name)
  for (const name of names(run.spec.stepSpecs))
    if (!names(task.spec.steps).includes(name))
      throw invalidRun(`invalid StepOverride: No Step named ${name}`)
  for (const name of names(run.spec.sidecarSpecs))
    if (!names(task.spec.sidecars).includes(name))
      throw invalidRun(`invalid SidecarOverride: No Sidecar named ${name}`)
}

function checkParams(run: Run, task: ResolvedTask): void {
  const declared = task.spec.params ?? []
  const given = run.spec.params ?? []
  const refuse = (why: string) => invalidRun(`invalid input params for task ${task.name}: ${why}`)
  const missing = declared
    .filter((param) => param.default === undefined && !given.some((one) => one.name === param.name))
    .map((param) => param.name)
  if (missing.length > 0)
    throw refuse(`missing values for these params which have no default values: ${goList(missing)}`)
  const wrong = given.filter((param) => hasWrongType(param, declared)).map((param) => param.name)
  if (wrong.length > 0)
    throw refuse(`param types don't match the user-specified type: ${goList(wrong)}`)
  const keys = missingKeys(declared, given)
  if (Object.keys(keys).length > 0)
    throw refuse(
      `missing keys for these params which are required in ParamSpec's properties ${goMapOfLists(keys)}`,
    )
}

function hasWrongType({ name, value }: Param, declared: ParamSpec[]): boolean {
  const type = declared.find((param) => param.name === name)?.type
  if (type === undefined || typeOfValue(value) === type) return false
  // A list or object may be passed on by reference.
  return !(typeof value === 'string' && /^\$\([\w.-]+(?:\[(?:\d+|\*)\])?\)$/.test(value))
}

function missingKeys(declared: ParamSpec[], given: Param[]): Record<string, string[]> {
  const missing: Record<string, string[]> = {}
  for (const param of declared.filter((one) => one.type === 'object')) {
    const values = [param.default, given.find((one) => one.name === param.name)?.value]
    const present = new Set(
      values.flatMap((value) => (typeof value === 'object' ? Object.keys(value) : [])),
    )
    const absent = Object.keys(param.properties ?? {}).filter((key) => !present.has(key))
    if (absent.length > 0) missing[param.name] = absent
  }
  return missing
}

function checkIndexes(given: Param[], spec: TaskSpec): void {
  const sizes = new Map<string, number>()
  for (const param of spec.params ?? [])
    if (Array.isArray(param.default)) sizes.set(param.name, param.default.length)
  for (const param of given)
    if (Array.isArray(param.value)) sizes.set(param.name, param.value.length)
  const { params: _, results: __, ...running } = spec
  const outside = textsOf(running)
    .flatMap(indexedReferences)
    .filter(({ name, index }) => index >= (sizes.get(name) ?? Number.POSITIVE_INFINITY))
    .map(({ reference }) => reference)
  if (outside.length > 0)
    throw invalidRun(`non-existent param references:${goList([...new Set(outside)].sort())}`)
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsOf)
}

function checkWorkspaces(run: Run, spec: TaskSpec): void {
  const bindings = run.spec.workspaces ?? []
  const declared: WorkspaceDeclaration[] = [...(spec.workspaces ?? [])]
  if (run.spec.taskSpec) declared.push(...bindings.map(({ name }) => ({ name })))
  for (const binding of bindings) {
    const errors: FieldError[] = validateBinding(binding)
    if (errors.length > 0)
      throw invalidRun(`binding ${goQuote(binding.name)} is invalid: ${formatFieldErrors(errors)}`)
  }
  for (const { name, optional } of declared)
    if (!optional && !bindings.some((binding) => binding.name === name))
      throw invalidRun(`declared workspace ${goQuote(name)} is required but has not been bound`)
  for (const { name } of bindings)
    if (!declared.some((one) => one.name === name))
      throw invalidRun(`workspace binding ${goQuote(name)} does not match any declared workspace`)
  const claims = new Set(
    bindings.flatMap(({ name, persistentVolumeClaim, volumeClaimTemplate }) => {
      if (persistentVolumeClaim) return [`claim ${persistentVolumeClaim.claimName}`]
      return volumeClaimTemplate ? [`template ${name}`] : []
    }),
  )
  if (claims.size > 1) throw invalidRun('more than one PersistentVolumeClaim is bound')
}

function unresolved(message: string): TaskRunFailure {
  return new TaskRunFailure('TaskRunResolutionFailed', message, false)
}
