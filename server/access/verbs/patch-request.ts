import { ModelBinding } from '#server/access/model/model-binding.ts'
import {
  type ChangeBindingBody,
  fieldErrors,
  refuseAboveLimits,
  requestMessages,
} from '#server/access/model/request-schema.ts'
import { activeGrant } from '#server/access/model/requested-changes.ts'
import { canonicalJson } from '#server/platform/model/canonical-json.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { annotations } from '#server/platform/model/names.ts'
import { requestIdNote } from '#server/platform/model/request-id.ts'
import { refuseTakenAlias } from './alias-free.ts'
import { type BindingContext, getService, userOf } from './binding-access.ts'

/** The binding with another wish; with `dryRun` all of the same is asked and refused, and nothing is kept. */
export async function patchRequest(
  ctx: BindingContext,
  binding: ModelBinding,
  { generation, extend, ...fields }: ChangeBindingBody,
  options: { dryRun?: boolean } = {},
): Promise<ModelBinding> {
  const { namespace = '', name, resourceVersion } = binding.metadata
  refuseUnchangeable(binding, generation)
  const renewal = (activeGrant(binding)?.renewal ?? 0) + 1
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
  // Who changes a request is the one who asks from then on, and may not approve it.
  const by = {
    [annotations.requestedBy]: userOf(ctx),
    [annotations.signedBy]: null,
    ...requestIdNote(ctx.requestId),
  }
  const patch = { metadata: { resourceVersion, annotations: by }, spec: wish }
  return ctx.kube.patch(ModelBinding, { namespace, name }, patch, options)
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
