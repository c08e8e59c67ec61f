import { onTestFinished } from 'vitest'
import type { ChatPart } from '#server/platform/inference/chat-stream.ts'
import { createLog } from '#server/platform/log.ts'
import {
  createGenerationRegistry,
  type GenerationRegistry,
} from '#server/playground/generations/generation-registry.ts'
import {
  emptyAnswer,
  type NumberedEvent,
  reduceTokens,
} from '#server/playground/model/token-stream.ts'
import { openStore } from '#server/processes/open-store.ts'
import { firstTurn } from './turn-fixture.ts'

const log = createLog('test', 'error')
export const times = {
  unwatchedStopMs: 60_000,
  beatMs: 100,
  deadAfterMs: 30_000,
  goneAfterMs: 20_000,
  awayAfterMs: 10_000,
  unsavedAfterMs: 2000,
  lookEveryMs: 1000,
}

/** One web, as far as answers are concerned. */
export async function openProcess(
  url: string,
  holder: string,
  options: Partial<typeof times> = {},
) {
  const over = new AbortController()
  const store = await openStore(url, { signal: over.signal, log })
  const hub = await createGenerationRegistry(
    store,
    log,
    holder,
    { ...times, ...options },
    over.signal,
  )
  onTestFinished(() => over.abort())
  return { store, hub, end: () => over.abort() }
}

/** Parts that the test hands out one by one, as an engine would. */
export function engine() {
  const queue: (ChatPart | Error | 'end')[] = []
  let wake = () => {}
  let aborted = false
  async function* ask(signal: AbortSignal): AsyncGenerator<ChatPart> {
    signal.addEventListener('abort', () => {
      aborted = true
      wake()
    })
    while (true) {
      const next = queue.shift()
      if (next instanceof Error) throw next
      if (next === 'end') return
      if (next) yield next
      else if (signal.aborted) signal.throwIfAborted()
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  return {
    ask,
    say(...parts: (ChatPart | Error | 'end')[]) {
      queue.push(...parts)
      wake()
    },
    isAborted: () => aborted,
  }
}

export const token = (content: string): ChatPart => ({ type: 'delta', delta: { content } })

/** An answer that is written here. */
export async function begin(
  { store, hub }: Awaited<ReturnType<typeof openProcess>>,
  maxTokens = 100,
) {
  const model = engine()
  const turn = firstTurn({ holder: hub.holder })
  const id = turn.generations[0]?.id ?? ''
  const stored = store.createTurn(turn)
  hub.start({ id, owner: 'ada', askedMs: performance.now(), maxTokens, stored }, model.ask)
  await stored
  return { id, model }
}

export async function readAll(hub: GenerationRegistry, id: string, after = 0, from = emptyAnswer) {
  let answer = { ...from, seq: after }
  const seen: NumberedEvent[] = []
  for await (const batch of hub.follow(id, after, new AbortController().signal)) {
    seen.push(...batch)
    for (const { seq, event } of batch) answer = reduceTokens(answer, seq, event)
  }
  return { answer, seen }
}
