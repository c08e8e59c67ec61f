import type { Context } from '#server/context.ts'
import { emptyAnswer, reduceTokens } from '#server/playground/model/token-stream.ts'
import type {
  GenerationText,
  StoredGeneration,
} from '#server/playground/store/stored-conversation.ts'

/** What was written in each of these generations so far; of one that has no text of its own yet, from its events. */
export async function answerTexts(
  { store }: Pick<Context, 'store'>,
  generations: Pick<StoredGeneration, 'id'>[],
): Promise<Map<string, GenerationText>> {
  const texts = await store.textsOf(generations.map(({ id }) => id))
  for (const { id } of generations) {
    if (texts.has(id)) continue
    const events = await store.readEvents(id, 0)
    const { reasoning, content, usage, end } = events.reduce(
      (answer, { seq, event }) => reduceTokens(answer, seq, event),
      emptyAnswer,
    )
    const { finishReason, error } = end ?? {}
    texts.set(id, { reasoning, content, usage, finishReason, error })
  }
  return texts
}
