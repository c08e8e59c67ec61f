import type { ContainerFields, Resources, Step } from '#server/lab/cluster/tekton/task-types.ts'

/** Steps with what the template gives them: a step's own field wins, lists with names are merged by name. */
export function mergeStepTemplate(template: ContainerFields | undefined, steps: Step[]): Step[] {
  if (!template) return steps
  return steps.map((step) => {
    const merged: Step = { ...template, ...step }
    const resources = mergeResources(template.computeResources, step.computeResources)
    if (resources) merged.computeResources = resources
    const env = mergeBy((one) => one.name, template.env, step.env)
    if (env) merged.env = env
    const mounts = mergeBy((one) => one.mountPath, template.volumeMounts, step.volumeMounts)
    if (mounts) merged.volumeMounts = mounts
    if (template.securityContext)
      merged.securityContext = { ...template.securityContext, ...step.securityContext }
    // A script brings its own command; one of the template would only be in the way.
    if (step.script && !step.command) {
      delete merged.command
      if (!step.args) delete merged.args
    }
    return merged
  })
}

function mergeResources(a: Resources | undefined, b: Resources | undefined): Resources | undefined {
  if (!a || !b) return b ?? a
  const limits = { ...a.limits, ...b.limits }
  const requests = { ...a.requests, ...b.requests }
  return {
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
    ...(Object.keys(requests).length > 0 ? { requests } : {}),
  }
}

function mergeBy<T>(keyOf: (item: T) => string, base: T[] | undefined, own: T[] | undefined) {
  if (!base) return own
  const items = own ?? []
  const keys = new Set(items.map(keyOf))
  // Strategic merge puts what the step lists first, and appends what only the template has.
  return [...items, ...base.filter((item) => !keys.has(keyOf(item)))]
}
