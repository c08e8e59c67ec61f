import { repairRun } from '#server/access/machine/binding-runs.ts'
import { discardRun } from '#server/access/machine/discard-run.ts'
import { driftStatusAfter } from '#server/access/machine/drift-status.ts'
import {
  type DriftSnapshot,
  type DriftStep,
  isDrifted,
  isKept,
  isUncompared,
  planDriftStep,
} from '#server/access/machine/drift-step.ts'
import type { ControllerContext } from '#server/access/machine/load-binding-state.ts'
import { planIn } from '#server/access/machine/sealed-runs.ts'
import type { ModelBinding, PlannedChange } from '#server/access/model/model-binding.ts'
import {
  bindPlanSchema,
  parseSealed,
  type SealedText,
  sealText,
} from '#server/access/model/plan.ts'
import { renderPlan } from '#server/access/model/render-plan.ts'
import { replaceStatus } from '#server/access/verbs/binding-access.ts'
import { EndpointSlice, Namespace, RoleBinding } from '#server/platform/kube/kinds.ts'
import { isAlreadyExists, isNotFound } from '#server/platform/kube/translate-status.ts'
import { paramOf } from '#server/runs/model/run-result.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import { confirmDrift, rightsDrift, strayDrift, strayPolicies, suspects } from './detect-drift.ts'
import type { LiveObjects } from './live-objects.ts'
import { rightsOf } from './rights-object.ts'

/**
 * Looks whether what a binding made is as it was approved, writes down where it is not, and has it put back by a run of
 * the approved plan. One write per call; every write comes back as an event. Answers whether it wrote, and when to look again,
 * if time alone will bring something.
 */
export async function repairDrift(
  ctx: ControllerContext,
  binding: ModelBinding,
  service: ModelService,
  live: LiveObjects,
  runs: () => TaskRun[],
): Promise<{ wrote: boolean; until?: Date }> {
  const kept = isKept(binding, ctx.now())
  const nothing = { wrote: false }
  const told = isDrifted(binding) || isUncompared(binding)
  if (!kept && !told) return nothing
  const plan = kept ? approvedText(ctx, binding, service, runs) : undefined
  const changes = kept ? await changesOf(ctx, binding, live, plan) : []
  if (changes.length === 0 && !told && plan) return nothing
  // What goes with its namespace is no drift.
  if (changes.length > 0 && (await isGoing(ctx, binding))) return nothing

  const world: DriftSnapshot = { now: ctx.now(), binding, service, changes, plan, runs: runs() }
  const step = planDriftStep(world)
  if (step.step === 'wait') return { wrote: false, until: step.until }
  const { namespace, name } = binding.metadata
  ctx.log.info({ binding: `${namespace}/${name}`, step: step.step }, 'binding drift step started')
  await takeDriftStep(ctx, binding, step)
  return { wrote: true }
}

async function takeDriftStep(
  ctx: ControllerContext,
  binding: ModelBinding,
  step: Exclude<DriftStep, { step: 'wait' }>,
): Promise<void> {
  switch (step.step) {
    case 'create-repair-run':
      try {
        await ctx.kube.create(TaskRun, repairRun(ctx.servingNamespace, binding, step))
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
      }
      return
    case 'discard-run':
      return discardRun(ctx, step.run)
    case 'restore-right': {
      // Counted first: who takes it away again and again is not answered at full speed.
      const { change } = step
      const recorded = { step: 'record-repair' as const, objects: [change] }
      await replaceStatus(ctx, binding, driftStatusAfter(binding, recorded, ctx.now()))
      return restoreRight(ctx, binding, change)
    }
    case 'remove-slice': {
      const { change } = step
      const recorded = {
        step: 'record-repair' as const,
        objects: [change],
        run: binding.status?.drift?.run,
      }
      await replaceStatus(ctx, binding, driftStatusAfter(binding, recorded, ctx.now()))
      return removeSlice(ctx, change)
    }
    default:
      await replaceStatus(ctx, binding, driftStatusAfter(binding, step, ctx.now()))
  }
}

/** A role reference cannot be edited, and we may not edit subjects: an altered right is taken away and given anew. */
async function restoreRight(
  ctx: ControllerContext,
  binding: ModelBinding,
  { namespace, name, change }: PlannedChange,
): Promise<void> {
  if (change !== 'create') {
    await ctx.kube.remove(RoleBinding, { namespace, name }).catch((error) => {
      if (!isNotFound(error)) throw error
    })
  }
  const wanted = (['binder', 'controller'] as const)
    .map((holder) => rightsOf(binding, holder, ctx.servingNamespace))
    .find((one) => one.metadata.name === name)
  if (!wanted) return
  await ctx.kube.create(RoleBinding, wanted).catch((error) => {
    if (!isAlreadyExists(error)) throw error
  })
}

/** The Service is ours: what else names it would lead its callers elsewhere. */
async function removeSlice(
  ctx: ControllerContext,
  { namespace, name }: PlannedChange,
): Promise<void> {
  await ctx.kube.remove(EndpointSlice, { namespace, name }).catch((error) => {
    if (!isNotFound(error)) throw error
  })
}

async function changesOf(
  ctx: ControllerContext,
  binding: ModelBinding,
  live: LiveObjects,
  sealed: SealedText | undefined,
): Promise<PlannedChange[]> {
  const rights = await rightsDrift(ctx, binding, live)
  if (!sealed) return rights
  const plan = parseSealed(bindPlanSchema, sealed.text, sealed.digest)
  const readable = (namespace: string) => rights.length === 0 || namespace === ctx.servingNamespace
  const objects = suspects(plan, live).filter(({ metadata }) => readable(metadata.namespace))
  return [
    ...rights,
    ...strayPolicies(plan, live),
    ...(objects.length === 0 ? [] : await confirmDrift(ctx, plan, objects)),
    ...(rights.length === 0 ? await strayDrift(ctx, live) : []),
  ]
}

/** The approved plan, whole: rendered again where that gives the approved digest, else as a run still holds it. */
function approvedText(
  ctx: ControllerContext,
  binding: ModelBinding,
  service: ModelService,
  runs: () => TaskRun[],
): SealedText | undefined {
  const digest = binding.status?.granted?.digest ?? ''
  const rendered = sealText(renderPlan(binding, service, ctx.clusterDomain))
  if (rendered.digest === digest) return rendered
  for (const run of runs()) {
    const found = paramOf(run, 'digest') === digest ? planIn(run) : undefined
    if (found) return found.text
  }
  return undefined
}

async function isGoing(ctx: ControllerContext, { metadata }: ModelBinding): Promise<boolean> {
  const namespace = await ctx.kube.find(Namespace, { name: metadata.namespace ?? '' })
  return !namespace || namespace.metadata.deletionTimestamp !== undefined
}
