import { setTimeout } from 'node:timers/promises'
import type { Context } from '#server/context.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { AskedView, Seen } from '#server/playground/views/conversation-views.ts'
import { answerTexts } from './answer-texts.ts'
import { continueGeneration } from './continue-generation.ts'
import { isGrowing, ownGeneration } from './generation-access.ts'
import { newestAnswerOf } from './idempotency-key.ts'
import type { GenerationContext } from './write-answers.ts'

const lookEveryMs = 50
const endWithinMs = 10_000

/**
 * Ends the thinking of an answer where it stands and asks for the rest: the engine is stopped, and goes on with the
 * same text behind a closing tag. Engines offer no way to do so within one request.
 */
export async function finishThinking(
  ctx: Context,
  { id, newest }: { id: string } & Seen,
  through: GenerationContext,
): Promise<AskedView> {
  const { conversation, question } = await ownGeneration(ctx, id)
  // As it is now: while this one waits for the end, another window may have been faster.
  const seen = newest ?? newestAnswerOf(await ctx.store.generationsOf(conversation), question)
  await through.hub.stop(id)
  const deadlineMs = performance.now() + endWithinMs
  for (;;) {
    const { state } = await ownGeneration(ctx, id)
    if (!isGrowing(state)) break
    if (performance.now() > deadlineMs) {
      throw new AppError('timeout', 'The answer did not stop in time. Try again.')
    }
    await setTimeout(lookEveryMs, undefined, { signal: ctx.signal })
  }
  await refuseAnswered(ctx, id)
  return continueGeneration(ctx, { id, closeThinking: true, newest: seen }, through)
}

/** It came to its end by itself before it could be stopped. */
async function refuseAnswered(ctx: Context, id: string): Promise<void> {
  const { state } = await ownGeneration(ctx, id)
  const { content = '', finishReason } = (await answerTexts(ctx, [{ id }])).get(id) ?? {}
  if (state !== 'done' || finishReason === 'length' || content.trim() === '') return
  throw new AppError('conflict', 'It has answered meanwhile: there is nothing left to end.', {
    key: 'generation.answered',
  })
}
