import { beginEnd } from '#server/access/machine/binding-status.ts'
import { endsGrant } from '#server/access/model/grant-in-force.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { annotations } from '#server/platform/model/names.ts'
import { requestIdNote } from '#server/platform/model/request-id.ts'
import {
  type BindingContext,
  bindingResource,
  replaceStatus,
  userOf,
  viewOf,
  writeBinding,
} from './binding-access.ts'

/** The tenant gives access back, for good. */
export async function releaseBinding(
  ctx: BindingContext,
  input: ObjectRef & { comment: string },
): Promise<BindingView> {
  const { namespace, name, comment } = input
  const ref = { namespace, name }
  await ctx.authorize({ verb: 'update', resource: bindingResource, namespace, name })

  const { requestId } = ctx
  await writeBinding(ctx, ref, (binding) => {
    refuseUnreleasable(binding)
    const { resourceVersion } = binding.metadata
    const by = {
      [annotations.requestedBy]: userOf(ctx),
      [annotations.signedBy]: null,
      ...requestIdNote(requestId),
    }
    return ctx.kube.patch(ModelBinding, ref, {
      metadata: { resourceVersion, annotations: by },
      spec: { released: true },
    })
  })
  // The controller begins the end by itself, but does not know what was said.
  const released = await writeBinding(ctx, ref, async (binding) => {
    const { generation = 1 } = binding.metadata
    const end = { reason: 'Released' as const, by: userOf(ctx), comment, generation, requestId }
    const begun = binding.status?.end
    if (!begun || begun.generation < generation) {
      return replaceStatus(ctx, binding, beginEnd(binding, end, ctx.now()))
    }
    if (begun.reason !== end.reason || begun.comment === comment) return binding
    return replaceStatus(ctx, binding, { ...binding.status, end: { ...begun, ...end } })
  })
  return viewOf(ctx, released)
}

function refuseUnreleasable(binding: ModelBinding): void {
  const { granted, end } = binding.status ?? {}
  if (granted && !endsGrant(end, granted) && !binding.spec.released) return
  const text = 'There is no access to release. A request that was not granted can be withdrawn.'
  throw new AppError('conflict', text, { key: 'binding.nothingToRelease' })
}
