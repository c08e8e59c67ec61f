import { bindRunName } from '#server/domain/access/binding-names.ts'
import { retryStatus } from '#server/domain/access/binding-status.ts'
import { endsGrant } from '#server/domain/access/grant-in-force.ts'
import { AppError } from '#server/domain/errors.ts'
import { conditionOf, type ObjectRef } from '#server/domain/kubernetes.ts'
import type { BindingView } from '#server/domain/views.ts'
import {
  type BindingContext,
  bindingResource,
  replaceStatus,
  userOf,
  viewOf,
  writeBinding,
} from './binding-access.ts'

/** Runs the approved plan again after its run failed. It is the same plan, so nothing is decided anew. */
export async function retryBinding(ctx: BindingContext, ref: ObjectRef): Promise<BindingView> {
  const { namespace, name } = ref
  await ctx.authorize({ verb: 'approve', resource: bindingResource, namespace, name })

  const retried = await writeBinding(ctx, { namespace, name }, async (binding) => {
    const { granted, end, conditions, attempt = 0 } = binding.status ?? {}
    const failed = conditionOf(conditions, 'Provisioned')?.status === 'False'
    if (!granted || endsGrant(end, granted) || !failed) {
      const text = 'There is no failed run to run again.'
      throw new AppError('conflict', text, { key: 'binding.nothingToRetry' })
    }
    const run = bindRunName(binding, granted.generation, attempt + 1)
    const asked = { run, by: userOf(ctx), requestId: ctx.requestId }
    return replaceStatus(ctx, binding, retryStatus(binding, asked, ctx.now()))
  })
  return viewOf(ctx, retried)
}
