import { beginEnd } from '#server/access/machine/binding-status.ts'
import { endsGrant } from '#server/access/model/grant-in-force.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { deleteAsked } from '#server/audit/model/audit-events.ts'
import { isNotFound } from '#server/platform/kube/translate-status.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import {
  type BindingContext,
  bindingResource,
  replaceStatus,
  userOf,
  writeBinding,
} from './binding-access.ts'

/** Withdraws a request, or deletes a binding: it stays, ending, until access is proven gone. */
export async function deleteBinding(ctx: BindingContext, ref: ObjectRef): Promise<void> {
  const { namespace, name } = ref
  await ctx.authorize({ verb: 'delete', resource: bindingResource, namespace, name })

  const { requestId } = ctx
  const binding = await writeBinding(ctx, { namespace, name }, async (binding) => {
    if (binding.metadata.deletionTimestamp) {
      throw new AppError('conflict', 'This binding is being deleted already.', {
        key: 'binding.deletingAlready',
      })
    }
    const { granted, end } = binding.status ?? {}
    if (!granted || endsGrant(end, granted)) return binding
    const { generation = 1 } = binding.metadata
    const by = userOf(ctx)
    const ending = { reason: 'Deleted' as const, by, comment: '', generation, requestId }
    return replaceStatus(ctx, binding, beginEnd(binding, ending, ctx.now()))
  })
  const { uid } = binding.metadata
  // Of a mere request it stands nowhere else who withdrew it.
  const at = ctx.now().toISOString()
  ctx.note([deleteAsked(binding, { who: userOf(ctx), at, requestId })])
  try {
    await ctx.kube.remove(ModelBinding, { namespace, name }, { uid })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
