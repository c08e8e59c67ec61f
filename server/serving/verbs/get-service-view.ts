import { getService } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'
import { serviceView } from '#server/serving/views/service-view.ts'
import { serviceResource } from './list-services.ts'

export async function getServiceView(ctx: Context, ref: ObjectRef): Promise<ModelServiceView> {
  const { namespace, name } = ref
  await ctx.authorize({ verb: 'get', resource: serviceResource, namespace, name })
  return serviceView(await getService(ctx, { namespace, name }))
}
