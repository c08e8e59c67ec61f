import { offerTerms as offer } from '#server/domain/access/approver-terms.ts'
import type { ObjectRef } from '#server/domain/kubernetes.ts'
import type { TermsBody } from '#server/domain/request-schema.ts'
import type { BindingView } from '#server/domain/views.ts'
import { type BindingContext, bindingResource, judgeBinding, userOf } from './binding-access.ts'

/** Offers less than was asked, or another ring: a new plan is sealed, and that one is reviewed and approved. */
export async function offerTerms(
  ctx: BindingContext,
  input: ObjectRef & TermsBody,
): Promise<BindingView> {
  const { namespace, name, ...terms } = input
  await ctx.authorize({ verb: 'approve', resource: bindingResource, namespace, name })

  const { requestId } = ctx
  return judgeBinding(ctx, { namespace, name }, (binding, service) =>
    offer(binding, service, { ...terms, requestId }, userOf(ctx), ctx.now()),
  )
}
