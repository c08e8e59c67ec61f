import { randomUUID } from 'node:crypto'
import { bindingResource, userOf } from '#server/access/verbs/binding-access.ts'
import type { GrantWatches } from '#server/access/verbs/usable-binding.ts'
import type { Context } from '#server/context.ts'
import { streamChat } from '#server/platform/inference/chat-stream.ts'
import type { GatewayClient } from '#server/platform/inference/gateway-client.ts'
import type { ChatMessage } from '#server/platform/inference/model/chat-messages.ts'
import type { TokenDelta } from '#server/platform/inference/model/generation-usage.ts'
import { streamWhenReady } from '#server/platform/inference/stream-when-ready.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { GenerationRegistry } from '#server/playground/generations/generation-registry.ts'
import type { StorageLimit } from '#server/playground/generations/storage-limit.ts'
import type { StoredGeneration } from '#server/playground/store/stored-conversation.ts'
import type { AskedView, Variant } from '#server/playground/views/conversation-views.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import {
  conversationSummary,
  generationView,
  isGrowing,
  questionView,
} from './generation-access.ts'

/** What the model is asked through. */
export type GenerationContext = {
  gateway: GatewayClient
  hub: GenerationRegistry
  seen: GrantWatches
  storage: StorageLimit
}

export type AnswerToWrite = {
  request: Variant
  service: ModelService
  messages: ChatMessage[]
  /** The answer that it goes on with: its text, and where that stands. */
  continues?: { id: string; begun: TokenDelta; from?: 'thinking' | 'answer' }
}

/** Two pages of answers side by side. */
const activeMax = 16

export function refuseTooMany(ctx: Context, hub: GenerationRegistry, more: number): void {
  if (hub.activeOf(userOf(ctx)) + more <= activeMax) return
  const text = `At most ${activeMax} answers of yours are written at once: stop one, or wait until one is done.`
  throw new AppError('quota-exhausted', text, {
    key: 'generation.tooMany',
    values: { max: activeMax },
  })
}

/** Counts what a person is about to store into what they may keep. */
export function takeStorage(ctx: Context, storage: StorageLimit, asked: unknown): Promise<void> {
  return storage.take(userOf(ctx), Buffer.byteLength(JSON.stringify(asked)))
}

export function refuseTooManyTokens(maxTokens: number, service: ModelService): void {
  const { contextTokens } = service.spec.limits
  if (maxTokens <= contextTokens) return
  const message = `The model has room for ${contextTokens} tokens.`
  throw new AppError('unprocessable', message, {
    fields: [{ field: 'sampling.maxTokens', message }],
  })
}

/**
 * Begins answers to one question. The engine is asked while the store still writes down that it was; where the store
 * refuses, the engine is stopped again and the failure is the asker's.
 */
export async function writeAnswers(
  ctx: Context,
  { gateway, hub }: GenerationContext,
  turn: {
    askedMs: number
    conversation: {
      id: string /** Of a new one. */
      title?: string
      known?: { title: string; createdAt: Date }
    }
    question: {
      id: string /** Of a new one. */
      text?: string
      after?: string
      known?: { text: string; createdAt: Date }
    }
    answers: AnswerToWrite[]
    /** What is wished for, where it may have been already. */
    wish?: string
  },
): Promise<AskedView> {
  const { conversation, question, askedMs, wish } = turn
  const owner = userOf(ctx)
  const { requestId } = ctx
  const createdAt = ctx.now()
  const answers = turn.answers.map((answer) => ({ id: randomUUID(), ...answer }))
  const stored = ctx.store.createTurn({
    conversation: { id: conversation.id, owner, title: conversation.title },
    question: { id: question.id, text: question.text, after: question.after },
    generations: answers.map(({ id, request, continues }) => ({
      id,
      request,
      ...(continues ? { continues: continues.id } : {}),
    })),
    holder: hub.holder,
    wish,
  })
  // The engine is not asked for what another window may have asked for already.
  const there = wish === undefined ? [] : await stored
  if (there.length > 0) return { ...viewOf(there), joined: true }
  for (const { id, request, service, messages, continues } of answers) {
    const { sampling, binding } = request
    const { begun, from } = continues ?? {}
    const asked = { model: service.spec.model, messages, sampling, from }
    hub.start(
      {
        ...{ id, owner, requestId, askedMs, begun, stored },
        maxTokens: sampling.maxTokens,
        mayGoOn: () => ctx.mayCached({ verb: 'use', resource: bindingResource, ...binding }),
      },
      (signal) =>
        streamWhenReady(
          () => streamChat(gateway, asked, { binding, caller: owner, requestId, signal }),
          signal,
        ),
    )
  }
  await stored
  return viewOf(
    answers.map(({ id, request, continues }) => ({
      id,
      owner,
      conversation: conversation.id,
      question: question.id,
      continues: continues?.id,
      state: 'running',
      request,
      createdAt,
      holder: hub.holder,
      heartbeatAt: createdAt,
    })),
  )

  function viewOf(generations: StoredGeneration[]): AskedView {
    return {
      conversation: conversationSummary({
        id: conversation.id,
        owner,
        title: conversation.known?.title ?? conversation.title ?? '',
        createdAt: conversation.known?.createdAt ?? createdAt,
        updatedAt: createdAt,
        running: generations.filter(({ state }) => isGrowing(state)).length,
      }),
      question: questionView({
        id: question.id,
        conversation: conversation.id,
        after: question.after,
        text: question.known?.text ?? question.text ?? '',
        createdAt: question.known?.createdAt ?? createdAt,
      }),
      generations: generations.map(generationView),
    }
  }
}
