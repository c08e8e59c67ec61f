import { applyStep } from '#server/access/machine/binding-status.ts'
import type {
  BindingSnapshot,
  BindingStep,
  NamespacePhase,
} from '#server/access/machine/binding-step.ts'
import { planNextStep } from '#server/access/machine/plan-next-step.ts'
import type { RightsHolder } from '#server/access/model/binding-names.ts'
import { timestamp } from '#server/access/model/conditions.ts'
import { isDecidable } from '#server/access/model/decide.ts'
import { foreignChange } from '#server/access/model/diff-objects.ts'
import { grantInForce } from '#server/access/model/grant-in-force.ts'
import type { ModelBinding, PlannedChange } from '#server/access/model/model-binding.ts'
import {
  bindPlanSchema,
  parseSealed,
  type SealedText,
  sealText,
} from '#server/access/model/plan.ts'
import { aliasService, renderPlan, renderUnbindPlan } from '#server/access/model/render-plan.ts'
import { bindingFinalizer, taskNames } from '#server/platform/model/names.ts'
import { paramOf, runResult, writeReceipt } from '#server/runs/model/run-result.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'

/** A cluster small enough to think about: what a step writes is checked here as the API server would check it. */
export type Simulation = {
  now: Date
  /** Undefined once the last finalizer is gone. */
  binding: ModelBinding | undefined
  service: ModelService | undefined
  namespace: NamespacePhase
  serving: NamespacePhase
  runs: Map<string, TaskRun>
  rights: Set<RightsHolder>
  /** Aliases in the tenant's namespace, and whether the allow policy stands. */
  aliases: Set<string>
  policy: boolean
  /** Services of other people in the tenant's namespace. */
  taken: Set<string>
}

export function worldOf(simulation: Simulation): BindingSnapshot | undefined {
  const { binding, service, namespace, serving, runs, rights, now } = simulation
  if (!binding) return undefined
  // Objects are replaced and never changed, so that what was seen stays as it was.
  const aliasTaken = isDecidable(binding) && simulation.taken.has(binding.spec.alias)
  const then = { runs: new Map(runs), rights: new Set(rights), aliasTaken }
  return withPlans({ now, binding, service, namespace, serving, ...then })
}

/** What a controller sees that read one part of the world later than another. */
export function mixedWorld(binding: BindingSnapshot, others: BindingSnapshot): BindingSnapshot {
  const { now, service, namespace, serving, runs, rights, aliasTaken } = others
  const its = { now, service, namespace, serving, runs, rights, aliasTaken }
  return withPlans({ ...its, binding: binding.binding })
}

function withPlans(seen: Omit<BindingSnapshot, 'plan' | 'unbindPlan'>): BindingSnapshot {
  const { binding, service } = seen
  let plan: SealedText | undefined
  let unbindPlan: SealedText | undefined
  return {
    ...seen,
    get plan() {
      plan ??= service && sealText(renderPlan(binding, service, 'cluster.local'))
      return plan
    },
    get unbindPlan() {
      unbindPlan ??= sealText(renderUnbindPlan(binding, service, 'cluster.local'))
      return unbindPlan
    },
  }
}

/**
 * Takes one step from what was seen, which may be old: writes that rest on an old version are refused. `lost` is a write
 * that never arrived; one that arrived and whose answer was lost looks like a crash after it, which comes by itself.
 */
export function perform(simulation: Simulation, seen: BindingSnapshot, lost = false): BindingStep {
  const step = planNextStep(seen)
  if (lost) return step
  const { binding } = simulation
  const fresh = binding?.metadata.resourceVersion === seen.binding.metadata.resourceVersion
  if (!binding || step.step === 'wait') return step
  switch (step.step) {
    case 'add-finalizer':
      if (fresh)
        write(simulation, {
          ...binding,
          metadata: { ...binding.metadata, finalizers: [bindingFinalizer] },
        })
      break
    case 'remove-finalizer':
      if (fresh && binding.metadata.deletionTimestamp) vanish(simulation)
      break
    case 'give-rights':
      if (simulation.namespace === 'active') simulation.rights.add(step.holder)
      break
    case 'take-rights':
      simulation.rights.delete(step.holder)
      break
    case 'create-bind-run':
      create(simulation, step.name, taskNames.bind, step.plan, step.pending)
      break
    case 'create-unbind-run':
      create(simulation, step.name, taskNames.unbind, step.plan, false)
      break
    case 'release-run':
      if (!sameVersion(simulation, step.run)) break
      change(simulation, step.run, (run) => ({ ...run, spec: { ...run.spec, status: undefined } }))
      break
    case 'cancel-run':
      if (!sameVersion(simulation, step.run)) break
      change(simulation, step.run, (run) => ({
        ...run,
        spec: { ...run.spec, status: 'TaskRunCancelled' },
      }))
      break
    case 'discard-run':
      if (sameVersion(simulation, step.run)) simulation.runs.delete(step.run.metadata.name)
      break
    case 'record-seal':
    case 'record-grant': {
      const changes = preview(simulation, step.plan)
      const held = step.step === 'record-grant' && changes.length > 0
      const taken = held ? { ...step, step: 'record-seal' as const } : step
      const status = applyStep(seen.binding, taken, seen.now, changes)
      if (fresh) write(simulation, { ...binding, status })
      break
    }
    default:
      if (fresh) write(simulation, { ...binding, status: applyStep(seen.binding, step, seen.now) })
  }
  return step
}

/** Of a dry run, what is in the way. */
function preview({ taken }: Simulation, { text, digest }: SealedText): PlannedChange[] {
  const { grant, binding } = parseSealed(bindPlanSchema, text, digest)
  if (!taken.has(grant.alias)) return []
  return [foreignChange(aliasService(binding.namespace, grant.alias))]
}

/** A run that is not pending comes to its end; what it finds at that moment decides what it may do. */
export function finishRun(simulation: Simulation, name: string, well: boolean): void {
  const run = simulation.runs.get(name)
  if (!run || run.spec.status === 'TaskRunPending' || runResult(run).state === 'failed') return
  if (runResult(run).state === 'succeeded') return
  const cancelled = run.spec.status === 'TaskRunCancelled'
  const done =
    !cancelled &&
    well &&
    (run.spec.taskRef?.name === taskNames.bind ? bind(simulation, run) : unbind(simulation))
  const reason = done ? 'Succeeded' : cancelled ? 'TaskRunCancelled' : 'Failed'
  const at = timestamp(simulation.now)
  const receipt = writeReceipt({ at, address: 'http://alias:8080', model: 'm', firstTokenMs: 1 })
  change(simulation, run, () => ({
    ...run,
    status: {
      completionTime: at,
      conditions: [{ type: 'Succeeded', status: done ? 'True' : 'False', reason, message: '' }],
      results: [{ name: 'receipt', value: receipt }],
    },
  }))
}

/** Without its finalizer the object goes, and what it owns with it; a policy of another namespace has no owner. */
export function vanish(simulation: Simulation): void {
  simulation.binding = undefined
  simulation.aliases.clear()
  simulation.rights.clear()
}

/** What the sweep does for a policy whose binding is gone, once its run succeeds. */
export function sweep(simulation: Simulation): void {
  if (!simulation.binding) simulation.policy = false
}

/** Every write moves the version; only the spec moves the generation. */
export function write(simulation: Simulation, binding: ModelBinding): void {
  const old = simulation.binding
  const changed = JSON.stringify(old?.spec) !== JSON.stringify(binding.spec)
  const generation = (binding.metadata.generation ?? 1) + (changed ? 1 : 0)
  const resourceVersion = String(Number(binding.metadata.resourceVersion) + 1)
  simulation.binding = structuredClone({
    ...binding,
    metadata: { ...binding.metadata, generation, resourceVersion },
  })
}

function bind(simulation: Simulation, run: TaskRun): boolean {
  const { binding, now } = simulation
  const digest = paramOf(run, 'digest') ?? ''
  if (!binding || !simulation.rights.has('binder') || simulation.namespace !== 'active')
    return false
  const force = grantInForce(binding, now, true)
  if (!('grant' in force) || force.grant.digest !== digest) return false
  const plan = parseSealed(bindPlanSchema, paramOf(run, 'plan') ?? '', digest)
  if (simulation.taken.has(plan.grant.alias)) return false
  simulation.aliases.add(plan.grant.alias)
  for (const gone of plan.remove) simulation.aliases.delete(gone.name)
  simulation.policy = true
  return true
}

function unbind(simulation: Simulation): boolean {
  // In a namespace that is going, what cannot be touched any more goes with it.
  if (simulation.namespace === 'active' && !simulation.rights.has('binder')) return false
  simulation.aliases.clear()
  simulation.policy = false
  return true
}

function create(
  simulation: Simulation,
  name: string,
  task: string,
  plan: { text: string; digest: string },
  pending: boolean,
): void {
  if (simulation.runs.has(name) || simulation.serving !== 'active') return
  simulation.runs.set(name, {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { name, namespace: 'model-serving-prod', resourceVersion: '1' },
    spec: {
      taskRef: { name: task },
      params: [
        { name: 'plan', value: plan.text },
        { name: 'digest', value: plan.digest },
      ],
      status: pending ? 'TaskRunPending' : undefined,
    },
  })
}

function change(simulation: Simulation, seen: TaskRun, to: (run: TaskRun) => TaskRun): void {
  const run = simulation.runs.get(seen.metadata.name)
  if (!run) return
  const resourceVersion = String(Number(run.metadata.resourceVersion) + 1)
  const changed = to(run)
  simulation.runs.set(run.metadata.name, {
    ...changed,
    metadata: { ...changed.metadata, resourceVersion },
  })
}

function sameVersion(simulation: Simulation, seen: TaskRun): boolean {
  const run = simulation.runs.get(seen.metadata.name)
  return run?.metadata.resourceVersion === seen.metadata.resourceVersion
}
