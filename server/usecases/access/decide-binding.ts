import { decide } from '#server/domain/access/decide.ts'
import type { ObjectRef } from '#server/domain/kubernetes.ts'
import type { DecisionBody } from '#server/domain/request-schema.ts'
import type { BindingView } from '#server/domain/views.ts'
import { type BindingContext, bindingResource, judgeBinding, userOf } from './binding-access.ts'

/** Approves or denies exactly the plan that was reviewed. The controller carries it out. */
export async function decideBinding(
  ctx: BindingContext,
  input: ObjectRef & DecisionBody,
): Promise<BindingView> {
  const { namespace, name, ...decision } = input
  await ctx.authorize({ verb: 'approve', resource: bindingResource, namespace, name })

  const { requestId } = ctx
  return judgeBinding(ctx, { namespace, name }, (binding, service) =>
    decide(binding, service, { ...decision, requestId }, userOf(ctx), ctx.now()),
  )
}
