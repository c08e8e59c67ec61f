import { grantInForce, type Refusal } from '#server/access/model/grant-in-force.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import type { Context } from '#server/context.ts'
import type { SharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import { bindingResource, getService } from './binding-access.ts'

const words: Record<Refusal, string> = {
  'not-granted': 'This request has not been approved yet.',
  'not-ready': 'This access is not ready yet.',
  ended: 'This access has ended.',
  expired: 'This access has expired.',
}

export type GrantWatches = {
  bindings: SharedWatch<ModelBinding>
  services: SharedWatch<ModelService>
}

/**
 * The service behind a binding that the person may use and that stands now. What was last seen of the cluster is enough
 * to let them, never to refuse them: the gateway asks again at each request.
 */
export async function usableBinding(
  ctx: Context,
  { namespace, name }: ObjectRef,
  seen?: GrantWatches,
): Promise<{ binding: ModelBinding; service: ModelService }> {
  await ctx.authorize({ verb: 'use', resource: bindingResource, namespace, name })

  const known = seen && standingIn(seen, `${namespace}/${name}`, ctx.now())
  if (known) return known
  const binding = await ctx.kube.get(ModelBinding, { namespace, name })
  const stands = grantInForce(binding, ctx.now())
  if ('refusal' in stands) {
    const details = { key: `gateway.${stands.refusal}`, values: { namespace, name } }
    throw new AppError('conflict', words[stands.refusal], details)
  }
  return { binding, service: await getService(ctx, binding.spec.modelService) }
}

function standingIn({ bindings, services }: GrantWatches, key: string, now: Date) {
  const binding = bindings.get(key)
  if (!binding || 'refusal' in grantInForce(binding, now)) return undefined
  const { modelService } = binding.spec
  const service = services.get(`${modelService.namespace}/${modelService.name}`)
  return service && { binding, service }
}
