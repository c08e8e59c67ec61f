import { ModelBinding } from '#server/access/model/model-binding.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { type BindingViewer, bindingView } from '#server/access/views/binding-view.ts'
import { bindingEvents } from '#server/audit/model/audit-events.ts'
import type { Context } from '#server/context.ts'
import { isConflict } from '#server/platform/kube/translate-status.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { ModelService } from '#server/serving/model/model-service.ts'

/** What the verbs on bindings stand on; PostgreSQL is no part of it. */
export type BindingContext = Omit<Context, 'store'>

export const bindingResource = 'modelbindings.bindery.dev'

/** The name under which a person is written into decisions and ends. */
export function userOf(ctx: Pick<Context, 'actor'>): string {
  return ctx.actor.type === 'person' ? ctx.actor.user : `bindery:${ctx.actor.process}`
}

/** What RBAC lets the actor do with bindings of this namespace. */
export async function viewerOf(
  ctx: Pick<Context, 'actor' | 'may'>,
  namespace: string,
): Promise<BindingViewer> {
  const ask = (verb: string) => ctx.may({ verb, resource: bindingResource, namespace })
  const [approve, revoke, update, remove, use] = await Promise.all([
    ask('approve'),
    ask('revoke'),
    ask('update'),
    ask('delete'),
    ask('use'),
  ])
  return { user: userOf(ctx), may: { approve, revoke, update, delete: remove, use } }
}

export async function viewOf(ctx: BindingContext, binding: ModelBinding): Promise<BindingView> {
  const namespace = binding.metadata.namespace ?? ''
  const [viewer, service] = await Promise.all([
    viewerOf(ctx, namespace),
    findService(ctx, binding.spec.modelService),
  ])
  return bindingView(binding, service, viewer, ctx.now())
}

/** Undefined also for a service outside the serving namespace: this installation does not serve it. */
export async function findService(
  ctx: Pick<Context, 'kube' | 'servingNamespace'>,
  ref: ObjectRef,
): Promise<ModelService | undefined> {
  if (ref.namespace !== ctx.servingNamespace) return undefined
  return ctx.kube.find(ModelService, ref)
}

export async function getService(
  ctx: Pick<Context, 'kube' | 'servingNamespace'>,
  ref: ObjectRef,
): Promise<ModelService> {
  const service = await findService(ctx, ref)
  if (service) return service
  const text = `There is no model service ${ref.name} in namespace ${ref.namespace}.`
  throw new AppError('not-found', text, {
    key: 'binding.noService',
    fields: [{ field: 'modelService', message: text }],
  })
}

const attemptsMax = 5

/**
 * Reads the binding, decides what to write and writes it; where somebody wrote first, all of it again, so that a refusal
 * is about what is there now.
 */
export async function writeBinding(
  ctx: BindingContext,
  ref: ObjectRef,
  write: (binding: ModelBinding) => Promise<ModelBinding>,
): Promise<ModelBinding> {
  for (let attempt = 1; ; attempt += 1) {
    const binding = await ctx.kube.get(ModelBinding, ref)
    try {
      const written = await write(binding)
      ctx.note(bindingEvents(written, ctx.now()))
      return written
    } catch (error) {
      if (!isConflict(error) || attempt >= attemptsMax) throw error
    }
  }
}

/** Writes what an approver makes of a binding, by a rule that knows the terms of its service. Authorise first. */
export async function judgeBinding(
  ctx: BindingContext,
  ref: ObjectRef,
  judge: (
    binding: ModelBinding,
    service: ModelService,
  ) => ModelBinding['status'] | Promise<ModelBinding['status']>,
): Promise<BindingView> {
  const judged = await writeBinding(ctx, ref, async (binding) => {
    const service = await getService(ctx, binding.spec.modelService)
    return replaceStatus(ctx, binding, await judge(binding, service))
  })
  return viewOf(ctx, judged)
}

/** The binding with another status, refused where it changed since it was read. */
export function replaceStatus(
  ctx: Pick<Context, 'kube'>,
  binding: ModelBinding,
  status: ModelBinding['status'],
): Promise<ModelBinding> {
  return ctx.kube.replaceStatus(ModelBinding, { ...binding, status })
}
