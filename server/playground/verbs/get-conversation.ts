import type { Context } from '#server/context.ts'
import type { ConversationView } from '#server/playground/views/conversation-views.ts'
import {
  conversationSummary,
  generationView,
  isGrowing,
  ownConversation,
  questionView,
} from './generation-access.ts'

/** The whole tree of a conversation without its answers' texts: those come as events. */
export async function getConversation(
  ctx: Context,
  { id }: { id: string },
): Promise<ConversationView> {
  const conversation = await ownConversation(ctx, id)
  const [questions, generations] = await Promise.all([
    ctx.store.questionsOf(id),
    ctx.store.generationsOf(id),
  ])
  const running = generations.filter(({ state }) => isGrowing(state))
  return {
    ...conversationSummary({ ...conversation, running: running.length }),
    questions: questions.map(questionView),
    generations: generations.map(generationView),
  }
}
