import { type RightsHolder, rightsName } from '#server/domain/binding-names.ts'
import type { BindingWorld } from '#server/domain/binding-step.ts'
import type { ObjectRef } from '#server/domain/kubernetes.ts'
import { ModelBinding } from '#server/domain/model-binding.ts'
import { labels } from '#server/domain/names.ts'
import { sealText } from '#server/domain/plan.ts'
import { renderPlan, renderUnbindPlan } from '#server/domain/render-plan.ts'
import { TaskRun } from '#server/domain/task-run.ts'
import { Namespace, RoleBinding } from '#server/kube/kinds.ts'
import { findService } from './binding-access.ts'
import type { Context } from './context.ts'

/** What the controller's verbs stand on. */
export type ControllerContext = Pick<
  Context,
  'kube' | 'log' | 'now' | 'signal' | 'servingNamespace'
> & { clusterDomain: string }

/** Reads everything that the next step depends on, from the cluster and not from a cache. */
export async function readWorld(
  ctx: ControllerContext,
  ref: ObjectRef,
): Promise<BindingWorld | undefined> {
  const binding = await ctx.kube.find(ModelBinding, ref)
  if (!binding) return undefined
  const [namespace, serving, service, runs, binder, controller] = await Promise.all([
    ctx.kube.find(Namespace, { name: ref.namespace }),
    ctx.kube.find(Namespace, { name: ctx.servingNamespace }),
    findService(ctx, binding.spec.modelService),
    ctx.kube.list(TaskRun, {
      namespace: ctx.servingNamespace,
      labelSelector: `${labels.bindingUid}=${binding.metadata.uid}`,
    }),
    hasRights(ctx, binding, 'binder'),
    hasRights(ctx, binding, 'controller'),
  ])
  const rights = new Set<RightsHolder>()
  if (binder) rights.add('binder')
  if (controller) rights.add('controller')
  return {
    now: ctx.now(),
    binding,
    service,
    namespace: phaseOf(namespace),
    serving: phaseOf(serving),
    plan: service && sealText(renderPlan(binding, service, ctx.clusterDomain)),
    unbindPlan: sealText(renderUnbindPlan(binding, service, ctx.clusterDomain)),
    runs: new Map(runs.map((run) => [run.metadata.name, run])),
    rights,
  }
}

function phaseOf(namespace: Namespace | undefined): BindingWorld['namespace'] {
  if (!namespace) return 'missing'
  const going = namespace.status?.phase === 'Terminating' || namespace.metadata.deletionTimestamp
  return going ? 'terminating' : 'active'
}

async function hasRights(
  ctx: ControllerContext,
  binding: ModelBinding,
  holder: RightsHolder,
): Promise<boolean> {
  const { namespace } = binding.metadata
  const found = await ctx.kube.find(RoleBinding, { namespace, name: rightsName(binding, holder) })
  return found !== undefined
}
