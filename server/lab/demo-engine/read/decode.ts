import { setImmediate, setTimeout } from 'node:timers/promises'
import type { FinishReason, Script } from '#server/lab/demo-engine/script.ts'
import { createStopFilter, type Piece } from '#server/lab/demo-engine/stop-filter.ts'

const burstMax = 64

/** A step of one choice: what became visible, how many tokens it has by now, and its end. */
export type Step = {
  index: number
  pieces: Piece[]
  tokens: number
  finish?: FinishReason
  /** The stop string that ended it. */
  stopReason?: string
}

export type DecodeOptions = {
  /** Tokens per second of each choice; 0 is as fast as the machine can. */
  tokensPerSecond: number
  stop: string[]
  includeStop: boolean
  /** Resolves at once unless the engine is paused. */
  resumed(): Promise<void>
  signal: AbortSignal
}

/**
 * Decodes all choices side by side, a token each per step, as a batch on a GPU does. Steps are due at
 * start + k / rate, so that late timers do not add up; what is overdue comes in one batch.
 */
export async function* decode(scripts: Script[], options: DecodeOptions): AsyncGenerator<Step[]> {
  const { signal, tokensPerSecond } = options
  let open = scripts.map((script, index) => choiceOf(script, index, options))
  const stepMs = tokensPerSecond > 0 ? 1000 / tokensPerSecond : 0
  let start = performance.now()
  let done = 0
  while (open.length > 0) {
    const asked = performance.now()
    await options.resumed()
    start += pausedFor(asked)
    signal.throwIfAborted()
    const due = stepMs > 0 ? Math.floor((performance.now() - start) / stepMs) + 1 : done + burstMax
    const steps: Step[] = []
    // The first token stands alone: it is due at once, and everyone measures when it comes.
    const until = done === 0 ? 1 : Math.min(due, done + burstMax)
    for (; done < until && open.length > 0; done += 1) {
      steps.push(...open.map((choice) => choice.next()))
      open = open.filter((choice) => !choice.ended())
    }
    if (steps.length > 0) yield steps
    if (open.length === 0) return
    const waitMs = stepMs > 0 ? start + done * stepMs - performance.now() : 0
    await (waitMs > 0
      ? setTimeout(waitMs, undefined, { signal })
      : setImmediate(undefined, { signal }))
  }
}

/** Time spent waiting, if it was a pause and no mere turn of the event loop. */
function pausedFor(since: number): number {
  const waited = performance.now() - since
  return waited > 1 ? waited : 0
}

function choiceOf(script: Script, index: number, options: DecodeOptions) {
  const filter = createStopFilter(options.stop, options.includeStop)
  let upcoming = script.next()
  let tokens = 0
  let ended = false
  return {
    ended: () => ended,
    next(): Step {
      if (upcoming.done) {
        ended = true
        return { index, pieces: filter.flush(), tokens, finish: upcoming.value }
      }
      tokens += 1
      const { pieces, stopped } = filter.push(upcoming.value)
      upcoming = script.next()
      if (stopped !== undefined) {
        ended = true
        return { index, pieces, tokens, finish: 'stop', stopReason: stopped }
      }
      if (!upcoming.done) return { index, pieces, tokens }
      ended = true
      return { index, pieces: [...pieces, ...filter.flush()], tokens, finish: upcoming.value }
    },
  }
}
