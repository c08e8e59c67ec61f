import { decide } from '#server/domain/access/decide.ts'
import type { ObjectRef } from '#server/domain/kubernetes.ts'
import type { DecisionBody } from '#server/domain/request-schema.ts'
import type { BindingView } from '#server/domain/views.ts'
import { refuseForeignAlias } from './alias-free.ts'
import { type BindingContext, bindingResource, judgeBinding, userOf } from './binding-access.ts'

/** Approves or denies exactly the plan that was reviewed. The controller carries it out. */
export async function decideBinding(
  ctx: BindingContext,
  input: ObjectRef & DecisionBody,
): Promise<BindingView> {
  const { namespace, name, ...decision } = input
  await ctx.authorize({ verb: 'approve', resource: bindingResource, namespace, name })

  const { requestId } = ctx
  return judgeBinding(ctx, { namespace, name }, async (binding, service) => {
    const decided = decide(binding, service, { ...decision, requestId }, userOf(ctx), ctx.now())
    if (decision.decision === 'approve') await refuseForeignAlias(ctx, binding)
    return decided
  })
}
