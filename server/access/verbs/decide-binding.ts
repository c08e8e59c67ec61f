import { decide } from '#server/access/model/decide.ts'
import type { DecisionBody } from '#server/access/model/request-schema.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
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
