import { ModelBinding } from '#server/access/model/model-binding.ts'
import { bindingResource } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import type { BindingUsageView } from '#server/usage/views/usage-view.ts'

const weekMs = 7 * 86_400_000

/** What the binding used of its quota: whoever sees the binding sees that too. */
export async function getBindingUsage(ctx: Context, ref: ObjectRef): Promise<BindingUsageView> {
  const { namespace, name } = ref
  await ctx.authorize({ verb: 'get', resource: bindingResource, namespace, name })

  await ctx.kube.get(ModelBinding, { namespace, name })
  const now = ctx.now()
  const midnight = new Date(now)
  midnight.setUTCHours(0, 0, 0, 0)
  const [today, week] = await Promise.all([
    usedSince(ctx, { namespace, name }, midnight),
    usedSince(ctx, { namespace, name }, new Date(now.getTime() - weekMs)),
  ])
  return { today, week }
}

async function usedSince(ctx: Context, ref: { namespace: string; name: string }, since: Date) {
  const { requests, promptTokens, completionTokens } = await ctx.store.usageOf(ref, since)
  return { requests, tokens: promptTokens + completionTokens }
}
