import { askMove } from '#server/domain/access/approver-terms.ts'
import type { ObjectRef } from '#server/domain/kubernetes.ts'
import type { MoveRingBody } from '#server/domain/request-schema.ts'
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

/** Moves a grant to another ring: by a run of its own plan, and callers stay where they are until it has succeeded. */
export async function moveRing(
  ctx: BindingContext,
  input: ObjectRef & MoveRingBody,
): Promise<BindingView> {
  const { namespace, name, ...move } = input
  await ctx.authorize({ verb: 'approve', resource: bindingResource, namespace, name })

  const moved = await writeBinding(ctx, { namespace, name }, async (binding) => {
    const service = await getService(ctx, binding.spec.modelService)
    return replaceStatus(ctx, binding, askMove(binding, service, move, userOf(ctx), ctx.now()))
  })
  return viewOf(ctx, moved)
}
