import { bindingState } from '#server/domain/access/binding-view.ts'
import { ModelBinding } from '#server/domain/access/model-binding.ts'
import { bindingEvents } from '#server/domain/audit/audit-events.ts'
import { AppError } from '#server/domain/errors.ts'
import { annotations, apiVersion } from '#server/domain/names.ts'
import { type RequestBindingBody, refuseAboveLimits } from '#server/domain/request-schema.ts'
import type { BindingView } from '#server/domain/views.ts'
import { isAlreadyExists } from '#server/kube/translate-status.ts'
import { refuseTakenAlias } from './alias-free.ts'
import {
  type BindingContext,
  bindingResource,
  getService,
  userOf,
  viewOf,
} from './binding-access.ts'
import { refuseGoneNamespace } from './namespace-active.ts'

const namesMax = 20

/** Asks for access: creates a ModelBinding in the person's name. What comes of it is the controller's and the approvers'. */
export async function requestBinding(
  ctx: BindingContext,
  input: RequestBindingBody,
): Promise<BindingView> {
  const { namespace, ...spec } = input
  await ctx.authorize({ verb: 'create', resource: bindingResource, namespace })

  await refuseGoneNamespace(ctx, namespace)
  const service = await getService(ctx, input.modelService)
  refuseAboveLimits(spec, service)
  await refuseTakenAlias(ctx, namespace, spec.alias)

  for (let index = 1; index <= namesMax; index += 1) {
    const binding: ModelBinding = {
      apiVersion,
      kind: 'ModelBinding',
      metadata: {
        namespace,
        name: nameOf(spec.alias, index),
        annotations: { [annotations.requestedBy]: userOf(ctx) },
      },
      spec,
    }
    try {
      const created = await ctx.kube.create(ModelBinding, binding)
      ctx.note(bindingEvents(created, ctx.now()))
      return await viewOf(ctx, created)
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      await refuseUnlessEnded(ctx, namespace, binding.metadata.name)
    }
  }
  throw new AppError('conflict', 'There are too many ended bindings of this name: delete some.', {
    key: 'binding.tooMany',
  })
}

/** Named after its alias, so that sending a form twice makes one request. */
function nameOf(alias: string, index: number): string {
  return index === 1 ? alias : `${alias.slice(0, 60)}-${index}`
}

async function refuseUnlessEnded(
  ctx: BindingContext,
  namespace: string,
  name: string,
): Promise<void> {
  const there = await ctx.kube.find(ModelBinding, { namespace, name })
  if (!there || bindingState(there, ctx.now()) === 'ended') return
  const text = `Namespace ${namespace} already has a binding ${name}: change that one instead.`
  throw new AppError('conflict', text, {
    key: 'binding.exists',
    values: { namespace, name },
    fields: [{ field: 'alias', message: text }],
  })
}
