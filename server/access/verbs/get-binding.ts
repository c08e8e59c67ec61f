import { ModelBinding } from '#server/access/model/model-binding.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { type BindingContext, bindingResource, viewOf } from './binding-access.ts'

export async function getBinding(ctx: BindingContext, ref: ObjectRef): Promise<BindingView> {
  const { namespace, name } = ref
  await ctx.authorize({ verb: 'get', resource: bindingResource, namespace, name })
  return viewOf(ctx, await ctx.kube.get(ModelBinding, { namespace, name }))
}
