import { normalize } from 'node:path/posix'
import { mergeStepTemplate } from '#server/lab/cluster/tekton/pod/step-template.ts'
import type {
  Step,
  TaskSpec,
  Volume,
  WorkspaceDeclaration,
} from '#server/lab/cluster/tekton/task-types.ts'
import { type FieldError, fieldError, missingField, via, viaIndex } from './field-error.ts'
import { goQuote } from './go-text.ts'
import { validateParamTypes, validateParamUse, validateParamVariables } from './validate-params.ts'
import { checkSteps, validateResults, validateSteps } from './validate-step.ts'
import { checkKnown } from './variables.ts'

const reservedSidecar = 'tekton-log-results'

/** A Task as its webhook sees it; paths begin at the object (`spec.steps[0].script`). */
export function validateTask(name: string, spec: TaskSpec): FieldError[] {
  return [
    ...via('metadata', validateObjectName(name)),
    ...via('spec', validateTaskSpec(spec)),
    ...via('spec', validateParamUse(spec.steps ?? [], spec.params ?? [])),
  ]
}

/** Names end in labels and pods: at most 63 characters. */
export function validateObjectName(name: string): FieldError[] {
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name))
    return [fieldError(`invalid resource name ${goQuote(name)}: must be a valid DNS label`, 'name')]
  if (name.length > 63)
    return [fieldError('Invalid resource name: length must be no more than 63 characters', 'name')]
  return []
}

/** A TaskSpec by itself; paths begin inside it. */
export function validateTaskSpec(spec: TaskSpec): FieldError[] {
  const steps = spec.steps ?? []
  const params = spec.params ?? []
  return [
    ...(steps.length === 0 ? [missingField('steps')] : []),
    ...via('volumes', validateVolumes(spec.volumes ?? [])),
    ...via('workspaces', validateWorkspaces(spec)),
    ...validateWorkspaceUse(spec),
    ...via('steps', validateSteps(mergeStepTemplate(spec.stepTemplate, steps))),
    ...(spec.sidecars ?? [])
      .filter((sidecar) => sidecar.name === reservedSidecar)
      .map(() =>
        fieldError(`Invalid: cannot use reserved sidecar name ${reservedSidecar} `, 'sidecars'),
      ),
    ...via('params', validateParamTypes(params)),
    ...validateParamVariables(steps, params),
    ...validateContextVariables(steps),
    ...validateResultVariables(steps, spec),
    ...via('results', validateResults(spec.results ?? [])),
  ]
}

/** Volume names are unique. */
export function validateVolumes(volumes: Volume[]): FieldError[] {
  return volumes.flatMap(({ name }, index) =>
    volumes.findIndex((other) => other.name === name) < index
      ? via(`[${index}]`, [fieldError(`multiple volumes with same name ${goQuote(name)}`, 'name')])
      : [],
  )
}

/** Where a declared workspace is mounted. */
export function workspacePath(declaration: WorkspaceDeclaration): string {
  return declaration.mountPath || `/workspace/${declaration.name}`
}

function validateWorkspaces(spec: TaskSpec): FieldError[] {
  const names = new Set<string>()
  const taken = new Set(
    [...(spec.steps ?? []), spec.stepTemplate]
      .flatMap((one) => one?.volumeMounts ?? [])
      .map((mount) => cleanPath(mount.mountPath)),
  )
  return (spec.workspaces ?? []).flatMap((workspace, index) => {
    const errors: FieldError[] = []
    if (names.has(workspace.name))
      errors.push(fieldError(`workspace name ${goQuote(workspace.name)} must be unique`, 'name'))
    names.add(workspace.name)
    const path = cleanPath(workspacePath(workspace))
    if (taken.has(path))
      errors.push(fieldError(`workspace mount path ${goQuote(path)} must be unique`, 'mountpath'))
    taken.add(path)
    return via(`[${index}]`, errors)
  })
}

function validateWorkspaceUse(spec: TaskSpec): FieldError[] {
  const names = new Set((spec.workspaces ?? []).map((workspace) => workspace.name))
  const check = (field: string, users: { workspaces?: { name: string }[] }[]) =>
    users.flatMap((user, index) =>
      (user.workspaces ?? []).flatMap(({ name }, i) =>
        names.has(name)
          ? []
          : viaIndex(field, index, [
              fieldError(`undefined workspace ${goQuote(name)}`, `workspaces[${i}].name`),
            ]),
      ),
    )
  return [...check('steps', spec.steps ?? []), ...check('sidecars', spec.sidecars ?? [])]
}

function validateContextVariables(steps: Step[]): FieldError[] {
  const ofRun = new Set(['name', 'namespace', 'uid'])
  const ofTask = new Set(['name', 'retry-count'])
  return [
    ...checkSteps(steps, 'context\\.taskRun', ofRun, checkKnown, { onError: true }),
    ...checkSteps(steps, 'context\\.task', ofTask, checkKnown, { onError: true }),
  ]
}

function validateResultVariables(steps: Step[], spec: TaskSpec): FieldError[] {
  const names = new Set((spec.results ?? []).map((result) => result.name))
  return steps.flatMap((step, index) =>
    viaIndex('steps', index, via('script', checkKnown(step.script, 'results', names))),
  )
}

function cleanPath(path: string): string {
  const clean = normalize(path)
  return clean.length > 1 ? clean.replace(/\/$/, '') : clean
}
