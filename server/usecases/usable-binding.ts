import { AppError } from '#server/domain/errors.ts'
import { grantInForce, type Refusal } from '#server/domain/grant-in-force.ts'
import type { ObjectRef } from '#server/domain/kubernetes.ts'
import { ModelBinding } from '#server/domain/model-binding.ts'
import type { ModelService } from '#server/domain/model-service.ts'
import { bindingResource, getService } from './binding-access.ts'
import type { Context } from './context.ts'

const words: Record<Refusal, string> = {
  'not-granted': 'This request has not been approved yet.',
  'not-ready': 'This access is not ready yet.',
  ended: 'This access has ended.',
  expired: 'This access has expired.',
}

/** The service behind a binding that the person may use and that stands now. The gateway asks again at each request. */
export async function usableBinding(
  ctx: Context,
  { namespace, name }: ObjectRef,
): Promise<{ binding: ModelBinding; service: ModelService }> {
  await ctx.authorize({ verb: 'use', resource: bindingResource, namespace, name })

  const binding = await ctx.kube.get(ModelBinding, { namespace, name })
  const stands = grantInForce(binding, ctx.now())
  if ('refusal' in stands) {
    const details = { key: `gateway.${stands.refusal}`, values: { namespace, name } }
    throw new AppError('conflict', words[stands.refusal], details)
  }
  return { binding, service: await getService(ctx, binding.spec.modelService) }
}
