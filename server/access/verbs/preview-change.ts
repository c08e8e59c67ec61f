import { ModelBinding } from '#server/access/model/model-binding.ts'
import type { ChangeBindingBody } from '#server/access/model/request-schema.ts'
import { previewOf, type RequestPreview } from '#server/access/views/request-preview.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { type BindingContext, bindingResource, getService } from './binding-access.ts'
import { patchRequest } from './patch-request.ts'
import { problemsOf } from './problems-of.ts'

/** What a change would come to beside what is granted, and why it would be refused: nothing of it is kept. */
export async function previewChange(
  ctx: BindingContext,
  input: ObjectRef & ChangeBindingBody,
  clusterDomain: string,
): Promise<RequestPreview> {
  const { namespace, name, ...wish } = input
  await ctx.authorize({ verb: 'update', resource: bindingResource, namespace, name })

  const binding = await ctx.kube.get(ModelBinding, { namespace, name })
  const service = await getService(ctx, binding.spec.modelService)
  const found = await problemsOf(() => patchRequest(ctx, binding, wish, { dryRun: true }))
  // Whoever only looks has not changed anything yet.
  const problems = found.filter(({ key }) => key !== 'request.nothingChanged')
  const { generation: _, extend: __, ...fields } = wish
  const wished = { ...binding, spec: { ...binding.spec, ...fields } }
  return previewOf(wished, service, clusterDomain, problems)
}
