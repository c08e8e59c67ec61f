import { type RightsHolder, rightsName } from '#server/access/model/binding-names.ts'
import { isDecidable } from '#server/access/model/decide.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { isCrowdedOut, needsPlan } from '#server/access/model/open-requests.ts'
import { type SealedText, sealText } from '#server/access/model/plan.ts'
import type { Quota } from '#server/access/model/quota.ts'
import { aliasService, renderPlan, renderUnbindPlan } from '#server/access/model/render-plan.ts'
import { isOwn } from '#server/access/reconciler/plan-objects.ts'
import { findService } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import { Namespace, RoleBinding, Service } from '#server/platform/kube/kinds.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { labels } from '#server/platform/model/names.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import type { BindingSnapshot, NamespacePhase } from './binding-step.ts'
import { heldQuota } from './held-quota.ts'

/** What the controller's verbs stand on. */
export type ControllerContext = Pick<
  Context,
  'kube' | 'log' | 'now' | 'signal' | 'servingNamespace'
> & { clusterDomain: string }

type Parts = Omit<BindingSnapshot, 'now' | 'plan' | 'unbindPlan' | 'runs'> & { runs: TaskRun[] }

/** Reads everything that the next step depends on, from the cluster and not from a cache. */
export async function loadBindingState(
  ctx: ControllerContext,
  ref: ObjectRef,
): Promise<BindingSnapshot | undefined> {
  const [binding, home, servingNamespace] = await Promise.all([
    ctx.kube.find(ModelBinding, ref),
    ctx.kube.find(Namespace, { name: ref.namespace }),
    ctx.kube.find(Namespace, { name: ctx.servingNamespace }),
  ])
  if (!binding) return undefined
  const serving = phaseOf(servingNamespace)
  const selection = {
    namespace: ctx.servingNamespace,
    labelSelector: `${labels.bindingUid}=${binding.metadata.uid}`,
  }
  const [service, runs, rights] = await Promise.all([
    there(serving, undefined, findService(ctx, binding.spec.modelService)),
    there(serving, [], ctx.kube.list(TaskRun, selection)),
    readRights(ctx, binding),
  ])
  const aliasTaken = rights.has('controller') && (await isAliasTaken(ctx, binding))
  const namespace = phaseOf(home)
  const [held, crowdedOut] = await Promise.all([
    readHeld(ctx, binding, service),
    readCrowdedOut(ctx, binding, service),
  ])
  return bindingStateFrom(ctx, {
    binding,
    service,
    namespace,
    serving,
    runs,
    rights,
    aliasTaken,
    held,
    crowdedOut,
  })
}

/** From the cluster, so that an approval of a moment ago counts. */
async function readHeld(
  ctx: ControllerContext,
  binding: ModelBinding,
  service: ModelService | undefined,
): Promise<Quota | undefined> {
  if (!service?.spec.approval.auto || !isDecidable(binding)) return undefined
  const { namespace } = binding.metadata
  const labelSelector = `${labels.bindingNamespace}=${namespace}`
  const [others, runs] = await Promise.all([
    ctx.kube.list(ModelBinding, { namespace }),
    ctx.kube.list(TaskRun, { namespace: ctx.servingNamespace, labelSelector }),
  ])
  return heldQuota(binding, others, runs, ctx.now())
}

async function readCrowdedOut(
  ctx: ControllerContext,
  binding: ModelBinding,
  service: ModelService | undefined,
): Promise<boolean> {
  if (!service || !needsPlan(binding, ctx.now())) return false
  const { namespace } = binding.metadata
  return isCrowdedOut(binding, await ctx.kube.list(ModelBinding, { namespace }), service, ctx.now())
}

/** Read by the right that was given for the preview, and with all that says whose it is. */
async function isAliasTaken(ctx: ControllerContext, binding: ModelBinding): Promise<boolean> {
  if (!isDecidable(binding)) return false
  const { namespace = '' } = binding.metadata
  const alias = aliasService(namespace, binding.spec.alias)
  const service = await there('missing', undefined, ctx.kube.find(Service, alias))
  return service !== undefined && !isOwn(service, binding.metadata)
}

/** Plans are made when they are looked at: a binding that rests needs none. */
export function bindingStateFrom(
  ctx: ControllerContext,
  { runs, ...parts }: Parts,
): BindingSnapshot {
  const { binding, service } = parts
  let plan: SealedText | undefined
  let unbindPlan: SealedText | undefined
  return {
    ...parts,
    now: ctx.now(),
    runs: new Map(runs.map((run) => [run.metadata.name, run])),
    get plan() {
      plan ??= service && sealText(renderPlan(binding, service, ctx.clusterDomain))
      return plan
    },
    get unbindPlan() {
      unbindPlan ??= sealText(renderUnbindPlan(binding, service, ctx.clusterDomain))
      return unbindPlan
    },
  }
}

export function phaseOf(namespace: Namespace | undefined): NamespacePhase {
  if (!namespace) return 'missing'
  const going = namespace.status?.phase === 'Terminating' || namespace.metadata.deletionTimestamp
  return going ? 'terminating' : 'active'
}

/** Which of the binding's two RoleBindings are among those that stand. */
export function heldRights(binding: ModelBinding, names: ReadonlySet<string>): Set<RightsHolder> {
  const holders = ['binder', 'controller'] as const
  return new Set(holders.filter((holder) => names.has(rightsName(binding, holder))))
}

/** Our rights in a namespace go with it: what may not be read there any more is gone, or will be. */
async function there<T>(serving: NamespacePhase, absent: T, read: Promise<T>): Promise<T> {
  try {
    return await read
  } catch (error) {
    const forbidden = error instanceof AppError && error.code === 'forbidden'
    if (serving === 'active' || !forbidden) throw error
    return absent
  }
}

async function readRights(
  ctx: ControllerContext,
  binding: ModelBinding,
): Promise<Set<RightsHolder>> {
  const { namespace } = binding.metadata
  const found = await Promise.all(
    (['binder', 'controller'] as const).map((holder) =>
      ctx.kube.find(RoleBinding, { namespace, name: rightsName(binding, holder) }),
    ),
  )
  return heldRights(binding, new Set(found.flatMap((one) => one?.metadata.name ?? [])))
}
