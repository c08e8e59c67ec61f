import { usableBinding } from '#server/access/verbs/usable-binding.ts'
import type { Context } from '#server/context.ts'
import { answerSoFar, chatMessages } from '#server/platform/inference/model/chat-messages.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { AskedView, ContinueRequest } from '#server/playground/views/conversation-views.ts'
import { answerTexts } from './answer-texts.ts'
import { isGrowing, ownConversation, ownGeneration } from './generation-access.ts'
import { idempotencyKeyOf, newestAnswerOf } from './idempotency-key.ts'
import {
  type GenerationContext,
  refuseTooMany,
  refuseTooManyTokens,
  takeStorage,
  writeAnswers,
} from './write-answers.ts'

/**
 * Goes on with an answer that was cut off: a new answer beside it, which begins with its text. The engine is asked to
 * continue the last message (`continue_final_message`, as vLLM and SGLang have it).
 */
export async function continueGeneration(
  ctx: Context,
  { id, closeThinking = false, maxTokens, newest }: { id: string } & ContinueRequest,
  through: GenerationContext,
): Promise<AskedView> {
  const askedMs = performance.now()
  const { request, state, ...cut } = await ownGeneration(ctx, id)
  const { service } = await usableBinding(ctx, request.binding, through.seen)
  if (isGrowing(state)) {
    throw new AppError('conflict', 'This answer is still being written.', {
      key: 'generation.stillRunning',
    })
  }
  const sampling = { ...request.sampling, maxTokens: maxTokens ?? request.sampling.maxTokens }
  refuseTooManyTokens(sampling.maxTokens, service)

  const [path, known, generations] = await Promise.all([
    ctx.store.pathTo(id),
    ownConversation(ctx, cut.conversation),
    ctx.store.generationsOf(cut.conversation),
  ])
  const texts = await answerTexts(
    ctx,
    path.map(({ answer }) => answer),
  )
  const textOf = (generation: string) => texts.get(generation) ?? { reasoning: '', content: '' }
  const question = path.at(-1)?.question
  if (!question) throw new AppError('not-found', 'There is no such generation.')
  const { reasoning, content } = textOf(id)
  const soFar = answerSoFar({ reasoning, content }, closeThinking)
  const before = path.slice(0, -1).map((step) => ({
    question: step.question.text,
    answer: textOf(step.answer.id).content,
  }))
  const asked = chatMessages(request.systemPrompt, before, question.text)

  refuseTooMany(ctx, through.hub, 1)
  await takeStorage(ctx, through.storage, request)

  return writeAnswers(ctx, through, {
    askedMs,
    conversation: { id: cut.conversation, known },
    question: { id: question.id, after: question.after, known: question },
    // Whether its thinking is ended or gone on with: of the same cut, one answer comes of both.
    wish: idempotencyKeyOf({
      continues: id,
      newest: newest ?? newestAnswerOf(generations, question.id) ?? id,
    }),
    answers: [
      {
        request: { ...request, sampling },
        service,
        messages:
          soFar.text === '' ? asked : [...asked, { role: 'assistant', content: soFar.text }],
        continues: { id, begun: { reasoning, content }, from: soFar.from },
      },
    ],
  })
}
