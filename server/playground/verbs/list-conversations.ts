import { userOf } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import type { ConversationSummary } from '#server/playground/views/conversation-views.ts'
import { conversationSummary } from './generation-access.ts'

/** The person's own, what was used last first; with `search`, those in which all of its words stand. */
export async function listConversations(
  ctx: Context,
  options: { limit: number; search?: string },
): Promise<ConversationSummary[]> {
  return (await ctx.store.listConversations(userOf(ctx), options)).map(conversationSummary)
}
