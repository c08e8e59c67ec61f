import { ModelBinding } from '#server/domain/access/model-binding.ts'
import { standingGrant, wishOfGrant } from '#server/domain/access/wish-changes.ts'
import { AppError } from '#server/domain/errors.ts'
import type { ObjectRef } from '#server/domain/kubernetes.ts'
import { annotations } from '#server/domain/names.ts'
import { requestIdNote } from '#server/domain/request-id.ts'
import type { BindingView } from '#server/domain/views.ts'
import {
  type BindingContext,
  bindingResource,
  userOf,
  viewOf,
  writeBinding,
} from './binding-access.ts'

/** Takes a change back: the spec says again what is granted, so nothing is asked. What was granted was never touched. */
export async function withdrawChange(ctx: BindingContext, ref: ObjectRef): Promise<BindingView> {
  const { namespace, name } = ref
  await ctx.authorize({ verb: 'update', resource: bindingResource, namespace, name })

  const withdrawn = await writeBinding(ctx, { namespace, name }, async (binding) => {
    const { metadata, spec } = binding
    const standing = standingGrant(binding)
    if (!standing || standing.generation === metadata.generation || spec.released) {
      const text = 'There is no change that could be taken back.'
      throw new AppError('conflict', text, { key: 'binding.nothingToWithdraw' })
    }
    const { resourceVersion } = metadata
    const by = { [annotations.requestedBy]: userOf(ctx), ...requestIdNote(ctx.requestId) }
    return ctx.kube.patch(
      ModelBinding,
      { namespace, name },
      { metadata: { resourceVersion, annotations: by }, spec: wishOfGrant(standing) },
    )
  })
  return viewOf(ctx, withdrawn)
}
