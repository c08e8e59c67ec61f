import type { ModelBinding } from '#server/access/model/model-binding.ts'
import type { PreviewRequestBody } from '#server/access/model/request-schema.ts'
import { notYet, previewOf, type RequestPreview } from '#server/access/views/request-preview.ts'
import { apiVersion } from '#server/platform/model/names.ts'
import { type BindingContext, bindingResource, getService } from './binding-access.ts'
import { createBinding } from './create-binding.ts'
import { problemsOf } from './problems-of.ts'

/** What a first request would make, and why it would be refused: the API server is asked, and keeps nothing. */
export async function previewRequest(
  ctx: BindingContext,
  input: PreviewRequestBody,
  clusterDomain: string,
): Promise<RequestPreview> {
  const { namespace, ...wish } = input
  const spec = { ...wish, justification: 'Looked at before it is asked for.' }
  await ctx.authorize({ verb: 'create', resource: bindingResource, namespace })

  const service = await getService(ctx, input.modelService)
  const problems = await problemsOf(() =>
    createBinding(ctx, { namespace, ...spec }, { dryRun: true }),
  )
  const binding: ModelBinding = {
    apiVersion,
    kind: 'ModelBinding',
    metadata: { namespace, name: spec.alias, uid: notYet },
    spec,
  }
  return previewOf(binding, service, clusterDomain, problems)
}
