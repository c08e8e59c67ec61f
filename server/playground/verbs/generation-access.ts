import { userOf } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type {
  FoundConversation,
  StoredConversation,
  StoredGeneration,
  StoredQuestion,
} from '#server/playground/store/stored-conversation.ts'
import type {
  ConversationSummary,
  GenerationView,
  QuestionView,
} from '#server/playground/views/conversation-views.ts'

/** The person's own generation; another's is answered like one that is not there. */
export async function ownGeneration(
  ctx: Pick<Context, 'actor' | 'store'>,
  id: string,
): Promise<StoredGeneration> {
  const found = await ctx.store.findGeneration(id)
  if (found?.owner === userOf(ctx)) return found
  throw new AppError('not-found', 'There is no such generation.')
}

/** The person's own conversation; another's is answered like one that is not there. */
export async function ownConversation(
  ctx: Pick<Context, 'actor' | 'store'>,
  id: string,
): Promise<StoredConversation> {
  const found = await ctx.store.findConversation(id)
  if (found?.owner === userOf(ctx)) return found
  throw new AppError('not-found', 'There is no such conversation.')
}

/** It may still say more. */
export function isGrowing(state: StoredGeneration['state']): boolean {
  return state === 'running' || state === 'queued'
}

export function generationView({
  heartbeatAt: _,
  holder: __,
  createdAt,
  ...rest
}: StoredGeneration): GenerationView {
  return { ...rest, createdAt: createdAt.toISOString() }
}

export function questionView(stored: StoredQuestion): QuestionView {
  const { id, after, text, createdAt } = stored
  return { id, after, text, createdAt: createdAt.toISOString() }
}

export function conversationSummary(
  stored: StoredConversation & Partial<FoundConversation>,
): ConversationSummary {
  const { id, title, createdAt, updatedAt, running = 0, found } = stored
  return {
    id,
    title,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    running,
    found,
  }
}
