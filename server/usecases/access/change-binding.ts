import { ModelBinding } from '#server/domain/access/model-binding.ts'
import { standingGrant } from '#server/domain/access/wish-changes.ts'
import { canonicalJson } from '#server/domain/canonical-json.ts'
import { AppError } from '#server/domain/errors.ts'
import type { ObjectRef } from '#server/domain/kubernetes.ts'
import { annotations } from '#server/domain/names.ts'
import {
  type ChangeBindingBody,
  fieldErrors,
  refuseAboveLimits,
  requestMessages,
} from '#server/domain/request-schema.ts'
import type { BindingView } from '#server/domain/views.ts'
import { refuseTakenAlias } from './alias-free.ts'
import {
  type BindingContext,
  bindingResource,
  getService,
  userOf,
  viewOf,
  writeBinding,
} from './binding-access.ts'
import { refuseGoneNamespace } from './namespace-active.ts'

/** Asks for something else: a renewal, a larger quota, another alias. What was granted stays until it is decided. */
export async function changeBinding(
  ctx: BindingContext,
  input: ObjectRef & ChangeBindingBody,
): Promise<BindingView> {
  const { namespace, name, generation, extend, ...fields } = input
  await ctx.authorize({ verb: 'update', resource: bindingResource, namespace, name })

  await refuseGoneNamespace(ctx, namespace)
  const changed = await writeBinding(ctx, { namespace, name }, async (binding) => {
    refuseUnchangeable(binding, generation)
    const renewal = (standingGrant(binding)?.renewal ?? 0) + 1
    const wish = extend ? { ...fields, renewal } : fields
    const spec = { ...binding.spec, ...wish }
    if (canonicalJson(spec) === canonicalJson(binding.spec)) {
      const key = 'request.nothingChanged'
      throw fieldErrors([{ field: 'justification', key, message: requestMessages[key] }])
    }
    refuseAboveLimits(spec, await getService(ctx, spec.modelService))
    if (spec.alias !== binding.spec.alias) {
      await refuseTakenAlias(ctx, namespace, spec.alias, binding)
    }
    return ctx.kube.patch(
      ModelBinding,
      { namespace, name },
      {
        // Who changes a request is the one who asks from then on, and may not approve it.
        metadata: {
          resourceVersion: binding.metadata.resourceVersion,
          annotations: { [annotations.requestedBy]: userOf(ctx) },
        },
        spec: wish,
      },
    )
  })
  return viewOf(ctx, changed)
}

function refuseUnchangeable(binding: ModelBinding, generation: number): void {
  const { metadata, spec, status } = binding
  if (metadata.generation !== generation) {
    const text = 'Somebody else changed this request in the meantime. Look at it again.'
    throw new AppError('conflict', text, { key: 'binding.changed' })
  }
  if (metadata.deletionTimestamp || (status?.end && !status.end.provenAt)) {
    throw new AppError('conflict', 'This access is ending: it can be asked for again afterwards.', {
      key: 'binding.ending',
    })
  }
  if (spec.released) {
    const text = 'This access was given back and does not return. Make a new request.'
    throw new AppError('conflict', text, { key: 'binding.released' })
  }
}
