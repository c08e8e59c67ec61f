import { ModelBinding } from '#server/access/model/model-binding.ts'
import { activeGrant, requestOfGrant } from '#server/access/model/requested-changes.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { annotations } from '#server/platform/model/names.ts'
import { requestIdNote } from '#server/platform/model/request-id.ts'
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
    const standing = activeGrant(binding)
    if (!standing || standing.generation === metadata.generation || spec.released) {
      const text = 'There is no change that could be taken back.'
      throw new AppError('conflict', text, { key: 'binding.nothingToWithdraw' })
    }
    const { resourceVersion } = metadata
    const by = {
      [annotations.requestedBy]: userOf(ctx),
      [annotations.signedBy]: null,
      ...requestIdNote(ctx.requestId),
    }
    return ctx.kube.patch(
      ModelBinding,
      { namespace, name },
      { metadata: { resourceVersion, annotations: by }, spec: requestOfGrant(standing) },
    )
  })
  return viewOf(ctx, withdrawn)
}
