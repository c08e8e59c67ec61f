import { setTimeout } from 'node:timers/promises'
import { AppError } from '#server/platform/model/errors.ts'
import type { ChatPart } from './chat-stream.ts'

/** The engine cannot take the question yet: it loads its model, or all of its slots are taken. */
export type WaitingPart = { type: 'waiting'; for: 'loading' | 'full' }

const waitsFor: Record<string, WaitingPart['for']> = {
  'gateway.engine_loading': 'loading',
  'gateway.engine_full': 'full',
}

export type ReadyTimes = { firstMs: number; mostMs: number; giveUpMs: number }

/** A large model takes minutes to load. Each try counts as a request of the access: they are few. */
const times: ReadyTimes = { firstMs: 2000, mostMs: 10_000, giveUpMs: 20 * 60_000 }

/**
 * One streamed answer, which begins by itself once the engine has loaded or has a free slot. Every other failure, and
 * any after the engine took the question, is thrown as it is; so is the last refusal after `giveUpMs`.
 */
export async function* streamWhenReady(
  ask: () => AsyncIterable<ChatPart>,
  signal: AbortSignal,
  { firstMs, mostMs, giveUpMs }: ReadyTimes = times,
): AsyncGenerator<ChatPart | WaitingPart> {
  const startedMs = performance.now()
  let isWaiting = false
  for (let delayMs = firstMs; ; delayMs = Math.min(mostMs, delayMs * 2)) {
    let isAccepted = false
    try {
      for await (const part of ask()) {
        isAccepted = true
        yield part
      }
      return
    } catch (error) {
      if (isAccepted || !(error instanceof AppError)) throw error
      const { key = '', retryAfterSeconds } = error.details
      const reason = waitsFor[key]
      const isOwnTries = isWaiting && key === 'gateway.rate_limit_exceeded'
      if (!reason && !isOwnTries) throw error
      if (performance.now() - startedMs > giveUpMs) throw error
      isWaiting = true
      if (reason) yield { type: 'waiting', for: reason }
      await setTimeout(isOwnTries ? (retryAfterSeconds ?? 10) * 1000 : delayMs, undefined, {
        signal,
      })
    }
  }
}
