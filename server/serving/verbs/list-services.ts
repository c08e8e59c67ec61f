import type { Context } from '#server/context.ts'
import { ModelService } from '#server/serving/model/model-service.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'
import { serviceView } from '#server/serving/views/service-view.ts'

export const serviceResource = 'modelservices.bindery.dev'

export async function listServices(ctx: Context): Promise<ModelServiceView[]> {
  const namespace = ctx.servingNamespace
  if (!(await ctx.may({ verb: 'list', resource: serviceResource, namespace }))) return []
  const services = await ctx.kube.list(ModelService, { namespace })
  return services.map(serviceView).sort((a, b) => a.displayName.localeCompare(b.displayName, 'en'))
}
