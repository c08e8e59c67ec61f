import { expect, test } from 'vitest'
import { AppError, type ErrorCode } from '#server/platform/model/errors.ts'
import type { ChatPart } from './chat-stream.ts'
import { streamWhenReady } from './stream-when-ready.ts'

const times = { firstMs: 1, mostMs: 2, giveUpMs: 60_000 }
const answer: ChatPart[] = [
  { type: 'accepted' },
  { type: 'delta', delta: { content: 'x' } },
  { type: 'finish', reason: 'stop' },
]

/** An engine that refuses with these, one after the other, and then answers. */
function engine(refusals: [ErrorCode, string][]) {
  const left = [...refusals]
  return async function* ask(): AsyncGenerator<ChatPart> {
    const [code, key] = left.shift() ?? []
    if (code)
      throw new AppError(code, 'refused', { key: `gateway.${key}`, retryAfterSeconds: 0.001 })
    yield* answer
  }
}

async function read(parts: AsyncIterable<unknown>) {
  const seen: unknown[] = []
  for await (const part of parts) seen.push(part)
  return seen
}

const { signal } = new AbortController()

test('an answer begins by itself when the engine has loaded, and says what it waits for', async () => {
  const ask = engine([
    ['unavailable', 'engine_loading'],
    ['quota-exhausted', 'rate_limit_exceeded'],
    ['unavailable', 'engine_full'],
  ])
  expect(await read(streamWhenReady(ask, signal, times))).toEqual([
    { type: 'waiting', for: 'loading' },
    { type: 'waiting', for: 'full' },
    ...answer,
  ])
})

test.each<[ErrorCode, string]>([
  ['unprocessable', 'context_exceeded'],
  ['bad-gateway', 'engine_key_refused'],
  ['quota-exhausted', 'rate_limit_exceeded'],
])('%s %s is told at once', async (code, key) => {
  await expect(read(streamWhenReady(engine([[code, key]]), signal, times))).rejects.toThrow(
    'refused',
  )
})

test('what comes after the engine took the question is never asked again', async () => {
  let asked = 0
  async function* ask(): AsyncGenerator<ChatPart> {
    asked++
    yield { type: 'accepted' }
    throw new AppError('unavailable', 'gone', { key: 'gateway.engine_loading' })
  }
  await expect(read(streamWhenReady(ask, signal, times))).rejects.toThrow('gone')
  expect(asked).toBe(1)
})

test('it gives up in the end, and at once when it is stopped', async () => {
  const loading = Array.from({ length: 9 }, (): [ErrorCode, string] => [
    'unavailable',
    'engine_loading',
  ])
  const late = { ...times, giveUpMs: -1 }
  await expect(read(streamWhenReady(engine(loading), signal, late))).rejects.toThrow('refused')
  const stop = new AbortController()
  const parts = streamWhenReady(engine(loading), stop.signal, { ...times, firstMs: 60_000 })
  await parts.next()
  stop.abort()
  await expect(parts.next()).rejects.toThrow()
})
