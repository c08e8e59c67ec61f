import { retryStatus } from '#server/access/machine/binding-status.ts'
import { retryEndStatus } from '#server/access/machine/end-status.ts'
import { bindRunName } from '#server/access/model/binding-names.ts'
import { awaitsAttempt } from '#server/access/model/end-backoff.ts'
import { endsGrant } from '#server/access/model/grant-in-force.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { conditionOf, type ObjectRef } from '#server/platform/model/kubernetes.ts'
import {
  type BindingContext,
  bindingResource,
  replaceStatus,
  userOf,
  viewOf,
  writeBinding,
} from './binding-access.ts'

/**
 * Has a run that failed run again: that of the approved plan, which is the same, so that nothing is decided anew; or that
 * which takes access away, whose next attempt need not wait for its time any more.
 */
export async function retryBinding(ctx: BindingContext, ref: ObjectRef): Promise<BindingView> {
  const { namespace, name } = ref
  await ctx.authorize({ verb: 'approve', resource: bindingResource, namespace, name })

  const retried = await writeBinding(ctx, { namespace, name }, async (binding) => {
    const { granted, end, conditions, attempt = 0 } = binding.status ?? {}
    const by = { by: userOf(ctx), requestId: ctx.requestId }
    const now = ctx.now()
    if (awaitsAttempt(end, now)) {
      return replaceStatus(ctx, binding, retryEndStatus(binding, end, by, now))
    }
    const failed = conditionOf(conditions, 'Provisioned')?.status === 'False'
    if (!granted || endsGrant(end, granted) || !failed) {
      const text = 'There is no failed run to run again.'
      throw new AppError('conflict', text, { key: 'binding.nothingToRetry' })
    }
    const run = bindRunName(binding, granted.generation, attempt + 1)
    return replaceStatus(ctx, binding, retryStatus(binding, { run, ...by }, now))
  })
  return viewOf(ctx, retried)
}
