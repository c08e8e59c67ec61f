import { ModelService } from '#server/domain/access/model-service.ts'
import { serviceView } from '#server/domain/access/service-view.ts'
import type { ModelServiceView } from '#server/domain/views.ts'
import type { Context } from '#server/usecases/context.ts'

export const serviceResource = 'modelservices.bindery.dev'

export async function listServices(ctx: Context): Promise<ModelServiceView[]> {
  const namespace = ctx.servingNamespace
  if (!(await ctx.may({ verb: 'list', resource: serviceResource, namespace }))) return []
  const services = await ctx.kube.list(ModelService, { namespace })
  return services.map(serviceView).sort((a, b) => a.displayName.localeCompare(b.displayName, 'en'))
}
