import type { ChangeBindingBody } from '#server/access/model/request-schema.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { type BindingContext, bindingResource, viewOf, writeBinding } from './binding-access.ts'
import { refuseGoneNamespace } from './namespace-active.ts'
import { patchRequest } from './patch-request.ts'

/** Asks for something else: a renewal, a larger quota, another alias. What was granted stays until it is decided. */
export async function changeBinding(
  ctx: BindingContext,
  input: ObjectRef & ChangeBindingBody,
): Promise<BindingView> {
  const { namespace, name, ...wish } = input
  await ctx.authorize({ verb: 'update', resource: bindingResource, namespace, name })

  await refuseGoneNamespace(ctx, namespace)
  const changed = await writeBinding(ctx, { namespace, name }, (binding) =>
    patchRequest(ctx, binding, wish),
  )
  return viewOf(ctx, changed)
}
