import { beginEnd } from '#server/access/machine/binding-status.ts'
import { endsGrant } from '#server/access/model/grant-in-force.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import {
  type BindingContext,
  bindingResource,
  replaceStatus,
  userOf,
  viewOf,
  writeBinding,
} from './binding-access.ts'

/** Takes access away. The gateway refuses from this write on; the unbind run removes the rest and proves it. */
export async function revokeBinding(
  ctx: BindingContext,
  input: ObjectRef & { comment: string },
): Promise<BindingView> {
  const { namespace, name, comment } = input
  await ctx.authorize({ verb: 'revoke', resource: bindingResource, namespace, name })

  const revoked = await writeBinding(ctx, { namespace, name }, async (binding) => {
    const { granted, end } = binding.status ?? {}
    if (end && !end.provenAt) {
      const values = { by: end.by, reason: end.reason }
      const text = `This access is ending already (${end.reason}, ${end.by}).`
      throw new AppError('conflict', text, { key: 'binding.endingAlready', values })
    }
    if (!granted || endsGrant(end, granted)) {
      const text = 'There is no access to revoke.'
      throw new AppError('conflict', text, { key: 'binding.nothingToRevoke' })
    }
    // A request that waits beside the grant ends with it; the tenant may ask anew.
    const { generation = 1 } = binding.metadata
    const { requestId } = ctx
    const ending = { reason: 'Revoked' as const, by: userOf(ctx), comment, generation, requestId }
    return replaceStatus(ctx, binding, beginEnd(binding, ending, ctx.now()))
  })
  return viewOf(ctx, revoked)
}
