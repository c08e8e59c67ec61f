import type { Context } from '#server/context.ts'
import { ownConversation } from './generation-access.ts'

export async function renameConversation(
  ctx: Context,
  { id, title }: { id: string; title: string },
): Promise<void> {
  await ownConversation(ctx, id)
  await ctx.store.renameConversation(id, title)
}
