import { randomUUID } from 'node:crypto'
import { usableBinding } from '#server/access/verbs/usable-binding.ts'
import type { Context } from '#server/context.ts'
import { chatMessages } from '#server/platform/inference/model/chat-messages.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { conversationTitle } from '#server/playground/model/conversation-title.ts'
import type {
  StoredConversation,
  StoredQuestion,
} from '#server/playground/store/stored-conversation.ts'
import type { AskedView, AskRequest } from '#server/playground/views/conversation-views.ts'
import { answerTexts } from './answer-texts.ts'
import { isGrowing, ownConversation } from './generation-access.ts'
import { idempotencyKeyOf, newestAnswerOf } from './idempotency-key.ts'
import {
  type GenerationContext,
  refuseTooMany,
  refuseTooManyTokens,
  takeStorage,
  writeAnswers,
} from './write-answers.ts'

/**
 * Asks the model on behalf of bindings, once per variant. The answers are written whether or not anybody watches at this
 * moment.
 */
export async function askModel(
  ctx: Context,
  request: AskRequest,
  through: GenerationContext,
): Promise<AskedView> {
  const askedMs = performance.now()
  const variants = await Promise.all(
    request.variants.map(async (variant) => {
      const { service } = await usableBinding(ctx, variant.binding, through.seen)
      return { request: variant, service }
    }),
  )
  const { before, text, newest, ...place } = await placeOf(ctx, request)

  for (const { request: variant, service } of variants) {
    refuseTooManyTokens(variant.sampling.maxTokens, service)
  }
  refuseTooMany(ctx, through.hub, variants.length)
  await takeStorage(ctx, through.storage, request)

  return writeAnswers(ctx, through, {
    askedMs,
    ...place,
    wish:
      newest &&
      idempotencyKeyOf({ question: place.question.id, newest, variants: request.variants }),
    answers: variants.map((variant) => ({
      ...variant,
      messages: chatMessages(variant.request.systemPrompt, before, text),
    })),
  })
}

type Place = {
  conversation: { id: string; title?: string; known?: StoredConversation }
  question: { id: string; text?: string; after?: string; known?: StoredQuestion }
  before: { question: string; answer: string }[]
  text: string
  /** Of a question that is asked again: its newest answer that whoever asks has seen. */
  newest?: string
}

/** Where the question stands: at the beginning of something new, after an answer, or where it stands already. */
async function placeOf(ctx: Context, { conversation, question }: AskRequest): Promise<Place> {
  if (conversation === undefined) {
    const text = 'text' in question ? question.text : ''
    return {
      conversation: { id: randomUUID(), title: conversationTitle(text) },
      question: { id: randomUUID(), text },
      before: [],
      text,
    }
  }
  const known = await ownConversation(ctx, conversation)
  if ('text' in question) {
    const { text, after } = question
    const before = after === undefined ? [] : await saidUpTo(ctx, conversation, after)
    return {
      conversation: { id: conversation, known },
      question: { id: randomUUID(), text, after },
      before,
      text,
    }
  }
  const [questions, generations] = await Promise.all([
    ctx.store.questionsOf(conversation),
    ctx.store.generationsOf(conversation),
  ])
  const asked = questions.find(({ id }) => id === question.id)
  if (!asked) throw new AppError('not-found', 'There is no such question.')
  return {
    conversation: { id: conversation, known },
    question: { id: asked.id, after: asked.after, known: asked },
    before: asked.after === undefined ? [] : await saidUpTo(ctx, conversation, asked.after),
    text: asked.text,
    newest: question.newest ?? newestAnswerOf(generations, asked.id),
  }
}

/** Questions and answers from the beginning to this answer, which must have come to its end. */
async function saidUpTo(
  ctx: Context,
  conversation: string,
  generation: string,
): Promise<{ question: string; answer: string }[]> {
  const path = await ctx.store.pathTo(generation)
  const last = path.at(-1)?.answer
  if (last?.conversation !== conversation) {
    throw new AppError('not-found', 'There is no such answer.')
  }
  if (path.some(({ answer }) => isGrowing(answer.state))) {
    throw new AppError('conflict', 'This answer is still being written.', {
      key: 'generation.stillRunning',
    })
  }
  const texts = await answerTexts(
    ctx,
    path.map(({ answer }) => answer),
  )
  return path.map(({ question, answer }) => ({
    question: question.text,
    answer: texts.get(answer.id)?.content ?? '',
  }))
}
