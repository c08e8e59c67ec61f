import type { RequestBindingBody } from '#server/access/model/request-schema.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { bindingEvents } from '#server/audit/model/audit-events.ts'
import { type BindingContext, bindingResource, viewOf } from './binding-access.ts'
import { createBinding } from './create-binding.ts'

/** Asks for access: creates a ModelBinding in the person's name. What comes of it is the controller's and the approvers'. */
export async function requestBinding(
  ctx: BindingContext,
  input: RequestBindingBody,
): Promise<BindingView> {
  const { namespace } = input
  await ctx.authorize({ verb: 'create', resource: bindingResource, namespace })

  const created = await createBinding(ctx, input)
  ctx.note(bindingEvents(created, ctx.now()))
  return viewOf(ctx, created)
}
