import type { KubeObject } from '#server/lab/cluster/client.ts'

type Fields = Record<string, unknown>

/** v1beta1 names a few fields otherwise: `resources` of steps, overrides, results of a run. */
export function taskFromV1beta1(task: KubeObject): KubeObject {
  return { ...task, spec: taskSpecWith(task.spec, 'resources', 'computeResources') }
}

export function taskToV1beta1(task: KubeObject): KubeObject {
  return { ...task, spec: taskSpecWith(task.spec, 'computeResources', 'resources') }
}

export function taskRunFromV1beta1(run: KubeObject): KubeObject {
  const spec = renamed(run.spec ?? {}, {
    stepOverrides: 'stepSpecs',
    sidecarOverrides: 'sidecarSpecs',
  })
  for (const key of ['stepSpecs', 'sidecarSpecs'])
    if (Array.isArray(spec[key]))
      spec[key] = spec[key].map((one: Fields) => renamed(one, { resources: 'computeResources' }))
  if (spec.taskSpec) spec.taskSpec = taskSpecWith(spec.taskSpec, 'resources', 'computeResources')
  const status = run.status && renamed(run.status, { taskResults: 'results' })
  return { ...run, spec, ...(status ? { status } : {}) }
}

export function taskRunToV1beta1(run: KubeObject): KubeObject {
  const spec = renamed(run.spec ?? {}, {
    stepSpecs: 'stepOverrides',
    sidecarSpecs: 'sidecarOverrides',
  })
  for (const key of ['stepOverrides', 'sidecarOverrides'])
    if (Array.isArray(spec[key]))
      spec[key] = spec[key].map((one: Fields) => renamed(one, { computeResources: 'resources' }))
  if (spec.taskSpec) spec.taskSpec = taskSpecWith(spec.taskSpec, 'computeResources', 'resources')
  const status = run.status && renamed(run.status, { results: 'taskResults' })
  if (status?.taskSpec)
    status.taskSpec = taskSpecWith(status.taskSpec, 'computeResources', 'resources')
  return { ...run, spec, ...(status ? { status } : {}) }
}

function taskSpecWith(spec: unknown, from: string, to: string): unknown {
  if (!isFields(spec)) return spec
  const containers = (value: unknown) =>
    Array.isArray(value)
      ? value.map((one) => (isFields(one) ? renamed(one, { [from]: to }) : one))
      : value
  return {
    ...spec,
    ...(spec.steps === undefined ? {} : { steps: containers(spec.steps) }),
    ...(spec.sidecars === undefined ? {} : { sidecars: containers(spec.sidecars) }),
    ...(isFields(spec.stepTemplate)
      ? { stepTemplate: renamed(spec.stepTemplate, { [from]: to }) }
      : {}),
  }
}

function renamed(fields: Fields, names: Record<string, string>): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [names[key] ?? key, value]),
  )
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
