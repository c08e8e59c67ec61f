import { serviceView } from '#server/domain/access/service-view.ts'
import type { ObjectRef } from '#server/domain/kubernetes.ts'
import type { ModelServiceView } from '#server/domain/views.ts'
import type { Context } from '#server/usecases/context.ts'
import { getService } from './binding-access.ts'
import { serviceResource } from './list-services.ts'

export async function getServiceView(ctx: Context, ref: ObjectRef): Promise<ModelServiceView> {
  const { namespace, name } = ref
  await ctx.authorize({ verb: 'get', resource: serviceResource, namespace, name })
  return serviceView(await getService(ctx, { namespace, name }))
}
