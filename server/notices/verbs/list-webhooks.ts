import { authorizeAudit } from '#server/audit/verbs/audit-access.ts'
import type { WebhookView } from '#server/audit/views/audit-views.ts'
import type { Context } from '#server/context.ts'
import { webhookResource } from './webhook-access.ts'

/** The places that are told, and how that goes; their addresses are known to the controller alone. */
export async function listWebhooks(ctx: Context): Promise<WebhookView[]> {
  await authorizeAudit(ctx)

  const namespace = ctx.servingNamespace
  const mayRetry = await ctx.may({ verb: 'update', resource: webhookResource, namespace })
  const states = await ctx.store.outbox.states()
  return states.map(({ lastSentAt, ...state }) => ({
    ...state,
    mayRetry,
    lastSentAt: lastSentAt?.toISOString(),
  }))
}
