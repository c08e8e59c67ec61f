import {
  paramReplacements,
  type Replacements,
  replaceDeep,
  replaceText,
  textReplacements,
} from './substitution.ts'
import type {
  Sidecar,
  Step,
  TaskRunSpec,
  TaskSpec,
  WorkspaceBinding,
  WorkspaceDeclaration,
} from './task-types.ts'
import { workspacePath } from './validate/validate-task.ts'

export const resultsDir = '/tekton/results'
export const stepsDir = '/tekton/steps'

export type RunContext = {
  name: string
  namespace: string
  uid: string
  taskName: string
  retryCount: number
}

/** The container's name of a step; an unnamed one is counted. */
export function stepContainerName(name: string, index: number): string {
  return `step-${name || `unnamed-${index}`}`.slice(0, 63)
}

/** A Task's spec with everything that is known before its pod: parameters, context, paths, workspaces. */
export function substituteTask(
  task: TaskSpec,
  run: TaskRunSpec,
  context: RunContext,
  workspaceVolumes: Map<string, string>,
): TaskSpec {
  let spec = replaceInTask(task, paramReplacements(task.params ?? [], run.params ?? []))
  spec = replaceInTask(
    spec,
    textReplacements({
      'context.taskRun.name': context.name,
      'context.task.name': context.taskName,
      'context.taskRun.namespace': context.namespace,
      'context.taskRun.uid': context.uid,
      'context.task.retry-count': String(context.retryCount),
    }),
  )
  spec = {
    ...spec,
    steps: spec.steps.map((step, index) => replaceInContainer(step, stepPaths(step, index))),
  }
  spec = replaceInTask(spec, resultPaths(spec))
  return substituteWorkspaces(spec, run.workspaces ?? [], workspaceVolumes)
}

/** Bindings whose claim, ConfigMap or Secret is named by a parameter. */
export function substituteBindings(task: TaskSpec, run: TaskRunSpec): WorkspaceBinding[] {
  const params = paramReplacements(task.params ?? [], run.params ?? [])
  return (run.workspaces ?? []).map((binding) => ({
    ...replaceDeep(binding, params),
    name: binding.name,
  }))
}

/** Replaces in what runs: steps, template, sidecars, volumes, mount paths. Declarations stay as they are. */
export function replaceInTask(spec: TaskSpec, replacements: Replacements): TaskSpec {
  const { stepTemplate, sidecars, volumes, workspaces } = spec
  return {
    ...spec,
    steps: spec.steps.map((step) => replaceInContainer(step, replacements)),
    ...(stepTemplate ? { stepTemplate: replaceDeep(stepTemplate, replacements) } : {}),
    ...(sidecars ? { sidecars: sidecars.map((one) => replaceInContainer(one, replacements)) } : {}),
    ...(volumes ? { volumes: replaceDeep(volumes, replacements) } : {}),
    ...(workspaces
      ? { workspaces: workspaces.map((one) => withMountPath(one, replacements)) }
      : {}),
  }
}

function replaceInContainer<T extends Step | Sidecar>(container: T, replacements: Replacements): T {
  const replaced = replaceDeep(container, replacements)
  // Results of a step are declarations.
  return 'results' in container ? { ...replaced, results: container.results } : replaced
}

function withMountPath(
  workspace: WorkspaceDeclaration,
  replacements: Replacements,
): WorkspaceDeclaration {
  if (!workspace.mountPath) return workspace
  return { ...workspace, mountPath: replaceText(workspace.mountPath, replacements) }
}

function stepPaths(step: Step, index: number): Replacements {
  const directory = `${stepsDir}/${stepContainerName(step.name, index)}`
  const entries: Record<string, string> = {
    'step.artifacts.path': `${directory}/artifacts/provenance.json`,
  }
  for (const { name } of step.results ?? [])
    for (const key of [
      `step.results.${name}.path`,
      `step.results["${name}"].path`,
      `step.results['${name}'].path`,
    ])
      entries[key] = `${directory}/results/${name}`
  return textReplacements(entries)
}

function resultPaths(spec: TaskSpec): Replacements {
  const entries: Record<string, string> = {
    'artifacts.path': '/tekton/artifacts/provenance.json',
  }
  for (const { name } of spec.results ?? [])
    for (const key of [
      `results.${name}.path`,
      `results["${name}"].path`,
      `results['${name}'].path`,
    ])
      entries[key] = `${resultsDir}/${name}`
  for (const [index, step] of spec.steps.entries()) {
    const container = stepContainerName(step.name, index)
    entries[`steps.${container}.exitCode.path`] = `${stepsDir}/${container}/exitCode`
  }
  return textReplacements(entries)
}

function substituteWorkspaces(
  spec: TaskSpec,
  bindings: WorkspaceBinding[],
  volumes: Map<string, string>,
): TaskSpec {
  const declared = spec.workspaces ?? []
  // A run's workspace reaches its inline Task without being declared there.
  const propagated = bindings
    .filter((binding) => !declared.some((one) => one.name === binding.name))
    .map((binding): WorkspaceDeclaration => ({ name: binding.name }))
  const workspaces = [...declared, ...propagated]
  const entries: Record<string, string> = {}
  let replaced: TaskSpec = workspaces.length > 0 ? { ...spec, workspaces } : spec
  for (const workspace of workspaces) {
    const prefix = `workspaces.${workspace.name}`
    const bound = bindings.some((binding) => binding.name === workspace.name)
    entries[`${prefix}.bound`] = String(bound || !workspace.optional)
    if (bound || !workspace.optional) replaced = withWorkspacePath(replaced, workspace)
    else entries[`${prefix}.path`] = ''
  }
  for (const binding of bindings) {
    const prefix = `workspaces.${binding.name}`
    entries[`${prefix}.volume`] = volumes.get(binding.name) ?? ''
    entries[`${prefix}.claim`] = binding.persistentVolumeClaim?.claimName ?? ''
  }
  return replaceInTask(replaced, textReplacements(entries))
}

/** A step that asks for the workspace at a path of its own sees that path. */
function withWorkspacePath(spec: TaskSpec, workspace: WorkspaceDeclaration): TaskSpec {
  const key = `workspaces.${workspace.name}.path`
  const local = <T extends Step | Sidecar>(container: T): T => {
    const own = container.workspaces?.find((one) => one.name === workspace.name)?.mountPath
    return own ? replaceInContainer(container, textReplacements({ [key]: own })) : container
  }
  const replaced: TaskSpec = {
    ...spec,
    steps: spec.steps.map(local),
    ...(spec.sidecars ? { sidecars: spec.sidecars.map(local) } : {}),
  }
  return replaceInTask(replaced, textReplacements({ [key]: workspacePath(workspace) }))
}
