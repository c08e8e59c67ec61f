import { ModelBinding } from '#server/access/model/model-binding.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { bindingView } from '#server/access/views/binding-view.ts'
import { ModelService } from '#server/serving/model/model-service.ts'
import { type BindingContext, bindingResource, viewerOf } from './binding-access.ts'

/** Those that the person may list, namespace by namespace; the newest first. */
export async function listBindings(
  ctx: BindingContext,
  input: { namespace?: string } = {},
): Promise<BindingView[]> {
  const [bindings, services] = await Promise.all([
    ctx.kube.list(ModelBinding, input),
    ctx.kube.list(ModelService, { namespace: ctx.servingNamespace }),
  ])
  const namespaces = [...new Set(bindings.map((one) => one.metadata.namespace ?? ''))]
  const viewers = new Map(
    await Promise.all(
      namespaces.map(async (namespace) => {
        const may = await ctx.mayCached({ verb: 'list', resource: bindingResource, namespace })
        return [
          namespace,
          may ? await viewerOf({ ...ctx, may: ctx.mayCached }, namespace) : undefined,
        ] as const
      }),
    ),
  )
  const views = bindings.flatMap((binding) => {
    const viewer = viewers.get(binding.metadata.namespace ?? '')
    if (!viewer) return []
    const { namespace, name } = binding.spec.modelService
    const service = services.find(
      (one) => one.metadata.namespace === namespace && one.metadata.name === name,
    )
    return [bindingView(binding, service, viewer, ctx.now())]
  })
  return views.sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))
}
