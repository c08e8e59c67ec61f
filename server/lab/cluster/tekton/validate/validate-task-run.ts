import { isDeepStrictEqual } from 'node:util'
import {
  type ParamSpec,
  type TaskRunSpec,
  typeOfValue,
  type WorkspaceBinding,
} from '#server/lab/cluster/tekton/task-types.ts'
import {
  type FieldError,
  fieldError,
  invalidValue,
  missingField,
  missingOneOf,
  multipleOneOf,
  via,
} from './field-error.ts'
import { parseGoDuration } from './go-text.ts'
import { validateParamTypes, validateParamUse, validateParamVariables } from './validate-params.ts'
import { needsAlpha } from './validate-step.ts'
import { validateObjectName, validateTaskSpec } from './validate-task.ts'

const sources = [
  'persistentVolumeClaim',
  'volumeClaimTemplate',
  'emptyDir',
  'configMap',
  'secret',
  'projected',
  'csi',
] as const

/** What the webhook must know of the object before the change. */
export type TaskRunBefore = { spec: TaskRunSpec; done: boolean; started: boolean }

/** A TaskRun as its webhook sees it; paths begin at the object. */
export function validateTaskRun(
  name: string,
  spec: TaskRunSpec,
  before: TaskRunBefore | undefined,
): FieldError[] {
  const errors = [...via('metadata', validateObjectName(name)), ...via('spec', validateSpec(spec))]
  if (before) errors.push(...via('spec', validateUpdate(spec, before)))
  if (before?.started && spec.status === 'TaskRunPending')
    errors.push(invalidValue('TaskRun cannot be Pending after it is started', 'spec.status'))
  return errors
}

function validateUpdate(spec: TaskRunSpec, before: TaskRunBefore): FieldError[] {
  const { status, statusMessage, ...old } = before.spec
  const { status: newStatus, statusMessage: newMessage, ...now } = spec
  const same = isDeepStrictEqual(old, now)
  if (!before.done)
    return same
      ? []
      : [
          invalidValue(
            'Once the TaskRun has started, only status and statusMessage updates are allowed',
            '',
          ),
        ]
  return same && status === newStatus && statusMessage === newMessage
    ? []
    : [invalidValue('Once the TaskRun is complete, no updates are allowed', '')]
}

function validateSpec(spec: TaskRunSpec): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.taskRef && !spec.taskSpec) errors.push(missingOneOf('taskRef', 'taskSpec'))
  if (spec.taskRef && spec.taskSpec) errors.push(multipleOneOf('taskRef', 'taskSpec'))
  if (spec.taskRef) errors.push(...via('taskRef', validateTaskRef(spec.taskRef)))
  if (spec.taskSpec) errors.push(...via('taskSpec', validateTaskSpec(spec.taskSpec)))
  const params = (spec.params ?? []).map((param) => param.name)
  errors.push(
    ...via(
      'params',
      repeated(params, (_, name) => `[${name}].name`),
    ),
  )
  errors.push(...validateInlineParams(spec))
  errors.push(...via('workspaces', validateBindings(spec.workspaces ?? [])))
  if (spec.debug) errors.push(...via('debug', [needsAlpha('debug')]))
  errors.push(...via('stepSpecs', validateOverrides(spec.stepSpecs ?? [])))
  errors.push(...via('sidecarSpecs', validateOverrides(spec.sidecarSpecs ?? [])))
  if (
    spec.computeResources &&
    spec.stepSpecs?.some((one) => Object.keys(one.computeResources ?? {}).length > 0)
  )
    errors.push(multipleOneOf('stepSpecs.resources', 'computeResources'))
  if (spec.status && spec.status !== 'TaskRunCancelled' && spec.status !== 'TaskRunPending')
    errors.push(
      invalidValue(`${spec.status} should be TaskRunCancelled or TaskRunPending`, 'status'),
    )
  if (!spec.status && spec.statusMessage)
    errors.push(
      invalidValue(
        `statusMessage should not be set if status is not set, but it is currently set to ${spec.statusMessage}`,
        'statusMessage',
      ),
    )
  if ((spec.retries ?? 0) < 0)
    errors.push(invalidValue(`${spec.retries} should be >= 0`, 'retries'))
  if (spec.timeout && parseGoDuration(spec.timeout) < 0)
    errors.push(invalidValue(`${spec.timeout} should be >= 0`, 'timeout'))
  return errors
}

function validateTaskRef(ref: NonNullable<TaskRunSpec['taskRef']>): FieldError[] {
  if (ref.resolver) return ref.name ? [multipleOneOf('name', 'resolver')] : []
  if (ref.params) return [missingField('resolver')]
  if (!ref.name) return [missingField('name')]
  if (
    !/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(ref.name)
  )
    return [
      invalidValue(
        `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
        'name',
      ),
    ]
  return []
}

/** Parameters that a run gives are known to its inline Task, declared there or not. */
function validateInlineParams(spec: TaskRunSpec): FieldError[] {
  const { taskSpec } = spec
  if (!taskSpec) return []
  const errors: FieldError[] = []
  const known = new Map<string, ParamSpec>()
  for (const { name, value } of spec.params ?? []) {
    const type = typeOfValue(value)
    const properties =
      type === 'object'
        ? Object.fromEntries(Object.keys(value).map((key) => [key, { type: 'string' }]))
        : undefined
    known.set(name, { name, type, default: value, ...(properties ? { properties } : {}) })
  }
  for (const declared of taskSpec.params ?? []) {
    const given = known.get(declared.name)
    if (!given) {
      known.set(declared.name, declared)
      continue
    }
    const isObject =
      given.type === 'object' ||
      (declared.default !== undefined && typeOfValue(declared.default) === 'object')
    if (isObject && !declared.properties) errors.push(missingField(`${declared.name}.properties`))
    else if (given.type === 'object' && declared.properties) given.properties = declared.properties
  }
  const params = [...known.values()]
  const steps = taskSpec.steps ?? []
  if (steps.length > 0)
    errors.push(
      ...validateParamTypes(params),
      ...validateParamVariables(steps, params),
      ...validateParamUse(steps, params),
    )
  return errors
}

function validateBindings(bindings: WorkspaceBinding[]): FieldError[] {
  const names = bindings.map((binding) => binding.name)
  return [
    ...bindings.flatMap((binding, index) => via(`[${index}]`, validateBinding(binding))),
    ...repeated(names, (index) => `[${index}].name`),
  ]
}

/** One workspace binding has exactly one source, and that is complete. */
export function validateBinding(binding: WorkspaceBinding): FieldError[] {
  const given = sources.filter((source) => binding[source] !== undefined)
  const fields = sources.slice(0, 5).map((source) => source.toLowerCase())
  if (given.length > 1) return [multipleOneOf(...fields)]
  if (given.length === 0) return [missingOneOf(...fields)]
  if (binding.persistentVolumeClaim && !binding.persistentVolumeClaim.claimName)
    return [missingField('persistentvolumeclaim.claimname')]
  if (binding.configMap && !binding.configMap.name) return [missingField('configmap.name')]
  if (binding.secret && !binding.secret.secretName) return [missingField('secret.secretName')]
  if (binding.projected && !binding.projected.sources?.length)
    return [missingField('projected.sources')]
  if (binding.csi && !binding.csi.driver) return [missingField('csi.driver')]
  return []
}

function validateOverrides(overrides: { name: string }[]): FieldError[] {
  const missing = overrides.flatMap((one, index) =>
    one.name ? [] : via(`[${index}]`, [missingField('name')]),
  )
  const names = overrides.map((one) => one.name).filter(Boolean)
  return [...missing, ...repeated(names, (index) => `[${index}].name`)]
}

function repeated(names: string[], pathOf: (index: number, name: string) => string): FieldError[] {
  const lower = names.map((name) => name.toLowerCase())
  return names.flatMap((name, index) =>
    lower.indexOf(name.toLowerCase()) < index
      ? [fieldError('expected exactly one, got both', pathOf(index, name))]
      : [],
  )
}
