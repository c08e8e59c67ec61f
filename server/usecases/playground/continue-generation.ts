import { AppError } from '#server/domain/errors.ts'
import { answerSoFar, chatMessages } from '#server/domain/playground/chat-messages.ts'
import type { AskedView, ContinueRequest } from '#server/domain/playground/conversation-views.ts'
import { usableBinding } from '#server/usecases/access/usable-binding.ts'
import type { Context } from '#server/usecases/context.ts'
import { answerTexts } from './answer-texts.ts'
import { ownConversation, ownGeneration } from './generation-access.ts'
import { refuseTooMany, refuseTooManyTokens, type Through, writeAnswers } from './write-answers.ts'

/**
 * Goes on with an answer that was cut off: a new answer beside it, which begins with its text. The engine is asked to
 * continue the last message (`continue_final_message`, as vLLM and SGLang have it).
 */
export async function continueGeneration(
  ctx: Context,
  { id, closeThinking = false, maxTokens }: { id: string } & ContinueRequest,
  through: Through,
): Promise<AskedView> {
  const askedMs = performance.now()
  const { request, state, ...cut } = await ownGeneration(ctx, id)
  const { service } = await usableBinding(ctx, request.binding, through.seen)
  if (state === 'running' || state === 'queued') {
    throw new AppError('conflict', 'This answer is still being written.', {
      key: 'generation.stillRunning',
    })
  }
  const sampling = { ...request.sampling, maxTokens: maxTokens ?? request.sampling.maxTokens }
  refuseTooManyTokens(sampling.maxTokens, service)

  const path = await ctx.store.pathTo(id)
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

  const known = await ownConversation(ctx, cut.conversation)
  refuseTooMany(ctx, through.hub, 1)

  return writeAnswers(ctx, through, {
    askedMs,
    conversation: { id: cut.conversation, known },
    question: { id: question.id, after: question.after, known: question },
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
