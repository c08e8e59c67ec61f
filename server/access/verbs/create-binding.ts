import { ModelBinding } from '#server/access/model/model-binding.ts'
import { openRequests, openRequestsMax } from '#server/access/model/open-requests.ts'
import { type RequestBindingBody, refuseAboveLimits } from '#server/access/model/request-schema.ts'
import { bindingState } from '#server/access/views/binding-view.ts'
import { isAlreadyExists, isNamespaceTerminating } from '#server/platform/kube/translate-status.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { annotations, apiVersion } from '#server/platform/model/names.ts'
import { requestIdNote } from '#server/platform/model/request-id.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import { refuseTakenAlias } from './alias-free.ts'
import { type BindingContext, getService, userOf } from './binding-access.ts'
import { refuseGoneNamespace, terminating } from './namespace-active.ts'

const namesMax = 20

/** The binding of a first request; with `dryRun` all of the same is asked and refused, and nothing is kept. */
export async function createBinding(
  ctx: BindingContext,
  input: RequestBindingBody,
  options: { dryRun?: boolean } = {},
): Promise<ModelBinding> {
  const { namespace, ...spec } = input
  await refuseGoneNamespace(ctx, namespace)
  const service = await getService(ctx, input.modelService)
  refuseAboveLimits(spec, service)
  await refuseTakenAlias(ctx, namespace, spec.alias)
  await refuseTooMany(ctx, namespace, service)

  for (let index = 1; index <= namesMax; index += 1) {
    const binding: ModelBinding = {
      apiVersion,
      kind: 'ModelBinding',
      metadata: {
        namespace,
        name: nameOf(spec.alias, index),
        annotations: {
          [annotations.requestedBy]: userOf(ctx),
          ...requestIdNote(ctx.requestId),
        },
      },
      spec,
    }
    try {
      return await ctx.kube.create(ModelBinding, binding, options)
    } catch (error) {
      if (isNamespaceTerminating(error)) throw terminating(namespace)
      if (!isAlreadyExists(error)) throw error
      await refuseUnlessEnded(ctx, namespace, binding.metadata.name)
    }
  }
  throw new AppError('conflict', 'There are too many ended bindings of this name: delete some.', {
    key: 'binding.tooMany',
  })
}

async function refuseTooMany(
  ctx: BindingContext,
  namespace: string,
  service: ModelService,
): Promise<void> {
  const max = openRequestsMax(service)
  const open = openRequests(await ctx.kube.list(ModelBinding, { namespace }), service, ctx.now())
  if (open.length < max) return
  const text = `Namespace ${namespace} has ${open.length} open requests, and may have ${max}: withdraw one, or wait until one is decided.`
  throw new AppError('quota-exhausted', text, {
    key: 'binding.tooManyOpen',
    values: { namespace, max },
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
