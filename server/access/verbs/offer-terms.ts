import { offerTerms as offer } from '#server/access/model/approver-terms.ts'
import type { TermsBody } from '#server/access/model/request-schema.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
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
