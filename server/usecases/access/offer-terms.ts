import { offerTerms as offer } from '#server/domain/access/approver-terms.ts'
import type { ObjectRef } from '#server/domain/kubernetes.ts'
import type { TermsBody } from '#server/domain/request-schema.ts'
import type { BindingView } from '#server/domain/views.ts'
import {
  type BindingContext,
  bindingResource,
  getService,
  replaceStatus,
  userOf,
  viewOf,
  writeBinding,
} from './binding-access.ts'

/** Offers less than was asked, or another ring: a new plan is sealed, and that one is reviewed and approved. */
export async function offerTerms(
  ctx: BindingContext,
  input: ObjectRef & TermsBody,
): Promise<BindingView> {
  const { namespace, name, ...terms } = input
  await ctx.authorize({ verb: 'approve', resource: bindingResource, namespace, name })

  const offered = await writeBinding(ctx, { namespace, name }, async (binding) => {
    const service = await getService(ctx, binding.spec.modelService)
    return replaceStatus(ctx, binding, offer(binding, service, terms, userOf(ctx), ctx.now()))
  })
  return viewOf(ctx, offered)
}
