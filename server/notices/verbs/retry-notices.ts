import type { WebhookView } from '#server/audit/views/audit-views.ts'
import type { Context } from '#server/context.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { listWebhooks } from './list-webhooks.ts'
import { webhookResource } from './webhook-access.ts'

/** Tries anew what a place did not take; the controller sends it within seconds. Answers how all of them stand. */
export async function retryNotices(
  ctx: Context,
  { name }: { name: string },
): Promise<WebhookView[]> {
  const namespace = ctx.servingNamespace
  await ctx.authorize({ verb: 'update', resource: webhookResource, namespace })

  const retried = await ctx.store.outbox.retryDead(name)
  if (retried === 0) {
    const text = `Nothing that ${name} should have been told was given up.`
    throw new AppError('conflict', text, { key: 'webhook.nothingDead', values: { name } })
  }
  return listWebhooks(ctx)
}
