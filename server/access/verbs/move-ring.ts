import { askMove } from '#server/access/model/approver-terms.ts'
import type { MoveRingBody } from '#server/access/model/request-schema.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { type BindingContext, bindingResource, judgeBinding, userOf } from './binding-access.ts'

/** Moves a grant to another ring: by a run of its own plan, and callers stay where they are until it has succeeded. */
export async function moveRing(
  ctx: BindingContext,
  input: ObjectRef & MoveRingBody,
): Promise<BindingView> {
  const { namespace, name, ...move } = input
  await ctx.authorize({ verb: 'approve', resource: bindingResource, namespace, name })

  const { requestId } = ctx
  return judgeBinding(ctx, { namespace, name }, (binding, service) =>
    askMove(binding, service, { ...move, requestId }, userOf(ctx), ctx.now()),
  )
}
