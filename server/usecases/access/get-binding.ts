import { ModelBinding } from '#server/domain/access/model-binding.ts'
import type { ObjectRef } from '#server/domain/kubernetes.ts'
import type { BindingView } from '#server/domain/views.ts'
import { type BindingContext, bindingResource, viewOf } from './binding-access.ts'

export async function getBinding(ctx: BindingContext, ref: ObjectRef): Promise<BindingView> {
  const { namespace, name } = ref
  await ctx.authorize({ verb: 'get', resource: bindingResource, namespace, name })
  return viewOf(ctx, await ctx.kube.get(ModelBinding, { namespace, name }))
}
