import { randomInt } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { ApiError, badRequest } from './api-error.ts'
import { createEngineMetrics, type EngineMetrics } from './engine-metrics.ts'
import { decode, type Step } from './read/decode.ts'
import type { Generation, Turn } from './requests.ts'
import {
  benchScript,
  type Fault,
  loopScript,
  parseDirective,
  type Script,
  saidScript,
  scriptOf,
} from './script.ts'
import { createSlotQueue } from './slot-queue.ts'
import { startSolverPool } from './solve/solver-pool.ts'
import { countTokens } from './tokenize.ts'

export type EngineOptions = {
  model: string
  /** Per choice; 0 is unlimited. */
  tokensPerSecond: number
  firstTokenDelayMs: number
  /** Prompt and answer together, in tokens. */
  contextTokensMax: number
  slotsMax: number
  waitingMax: number
  solverThreads: number
  solveTimeoutMs: number
  /** Whether `#break:20`, `#error:20`, `#stall:20`, `#loop` and `#say` in a message are obeyed. */
  faults: boolean
}

export type Usage = { prompt_tokens: number; completion_tokens: number; total_tokens: number }

/** Of an answer of one choice, as vLLM's `--enable-per-request-metrics` tells it. */
export type RequestMetrics = { queue_time_ms: number; time_to_first_token_ms: number }

export type Running = {
  steps: AsyncGenerator<Step[]>
  usage(): Usage
  /** Undefined until its first token, and for several answers at once. */
  metrics(): RequestMetrics | undefined
  fault: Fault | undefined
}

export type Engine = {
  options: EngineOptions
  metrics: EngineMetrics
  /** Refuses at once what cannot be answered: unknown model, prompt too long. */
  admit(request: Generation): { promptTokens: number; tokensMax: number }
  /** Generates every choice; ends by itself, or throws when `signal` aborts. */
  generate(request: Generation, signal: AbortSignal): Running
  countPrompt(prompts: Turn[][]): number
  pause(): void
  resume(): void
  isPaused(): boolean
  close(): Promise<void>
}

/** The tokens a chat template adds to each message. */
const templateTokens = 4
/** What a 24 GB card holds beside the weights of a model of this size. */
const cacheTokensMax = 574_000

export async function createEngine(options: EngineOptions): Promise<Engine> {
  const pool = await startSolverPool(options.solverThreads, options.solveTimeoutMs)
  const slots = createSlotQueue(options.slotsMax, options.waitingMax)
  const cached = new Set<() => Usage>()
  let pause: { over: Promise<void>; end(): void } | undefined
  const metrics = createEngineMetrics(options.model, {
    running: slots.running,
    waiting: slots.waiting,
    cacheUsage: () => {
      const used = [...cached].reduce((sum, usage) => sum + usage().total_tokens, 0)
      return Math.min(1, used / cacheTokensMax)
    },
  })

  const resumed = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (!pause) return resolve()
      const leave = () => reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
      void pause.over.then(() => {
        signal.removeEventListener('abort', leave)
        resolve()
      })
    })

  const countPrompt = (prompts: Turn[][]) =>
    prompts
      .flat()
      .reduce((sum, { role, text }) => sum + templateTokens + countTokens(role + text), 0)

  async function scriptsOf(
    request: Generation,
    turns: Turn[],
    tokensMax: number,
    signal: AbortSignal,
  ): Promise<Script[]> {
    const message = lastQuestion(turns)
    const directive = parseDirective(message, options.faults)
    const samples = Array.from({ length: request.n }, (_, sample) => sample)
    if (directive?.kind === 'bench')
      return samples.map(() => benchScript(directive.tokens, tokensMax, request.begun))
    if (directive?.kind === 'loop') return samples.map(() => loopScript(tokensMax, request.begun))
    const { thinkingTokensMax, ignoreEnd, begun } = request
    const limits = { tokensMax, thinkingTokensMax, ignoreEnd, begun }
    if (directive?.kind === 'say') return samples.map(() => saidScript(directive.words, limits))
    // Greedy decoding always says the same; so do all samples of it.
    const seed = request.temperature === 0 ? 0 : (request.seed ?? randomInt(2 ** 31))
    const answers = await pool.solve(
      {
        message: message.replace(/^\s*#(break|error|stall)(:\d+)?/, ''),
        samples: samples.map((sample) => ({
          seed,
          sample: request.temperature === 0 ? 0 : sample,
        })),
      },
      signal,
    )
    return answers.map((answer) => scriptOf(answer, limits))
  }

  const engine: Engine = {
    options,
    metrics,
    countPrompt,
    admit(request) {
      if (request.model !== undefined && request.model !== options.model)
        throw new ApiError(
          404,
          'NotFoundError',
          `The model \`${request.model}\` does not exist.`,
          'model',
        )
      const promptTokens = countPrompt(request.prompts)
      const longest = Math.max(...request.prompts.map((turns) => countPrompt([turns])))
      const room = options.contextTokensMax - longest
      const wanted = request.tokensMax ?? room
      if (room < 1 || wanted > room)
        throw badRequest(
          `This model's maximum context length is ${options.contextTokensMax} tokens. However, you requested ${longest + Math.max(1, wanted)} tokens (${longest} in the messages, ${Math.max(1, wanted)} in the completion). Please reduce the length of the messages or completion.`,
          'max_tokens',
        )
      return { promptTokens, tokensMax: wanted }
    },
    generate(request, signal) {
      const { promptTokens, tokensMax } = engine.admit(request)
      const counts: number[] = []
      let queuedMs = 0
      let firstMs: number | undefined
      const usage = (): Usage => {
        const completion = counts.reduce((sum, count) => sum + (count ?? 0), 0)
        return {
          prompt_tokens: promptTokens,
          completion_tokens: completion,
          total_tokens: promptTokens + completion,
        }
      }
      const directive = parseDirective(lastQuestion(request.prompts[0] ?? []), options.faults)

      async function* run(): AsyncGenerator<Step[]> {
        const begun = performance.now()
        const elapsed = () => (performance.now() - begun) / 1000
        let outcome: 'stop' | 'length' | 'abort' | 'error' = 'abort'
        let release = () => {}
        try {
          release = await slots.acquire(request.n * request.prompts.length, signal)
          queuedMs = elapsed() * 1000
          metrics.queued(queuedMs / 1000)
          metrics.prompt(promptTokens)
          cached.add(usage)
          const scripts: Script[] = []
          for (const turns of request.prompts)
            scripts.push(...(await scriptsOf(request, turns, tokensMax, signal)))
          if (options.firstTokenDelayMs > 0)
            await setTimeout(options.firstTokenDelayMs, undefined, { signal })
          const last: number[] = []
          const { stop, includeStop } = request
          const { tokensPerSecond } = options
          for await (const steps of decode(scripts, {
            tokensPerSecond,
            stop,
            includeStop,
            resumed: () => resumed(signal),
            signal,
          })) {
            const now = performance.now()
            if (counts.length === 0) metrics.firstToken(elapsed())
            firstMs ??= elapsed() * 1000
            for (const { index, tokens, finish } of steps) {
              const before = last[index]
              // The last step may only show text that was held back.
              if (tokens > (counts[index] ?? 0))
                metrics.token(before === undefined ? undefined : (now - before) / 1000)
              last[index] = now
              counts[index] = tokens
              if (finish) outcome = finish
            }
            yield steps
          }
        } catch (error) {
          outcome = 'error'
          throw error
        } finally {
          cached.delete(usage)
          release()
          metrics.finished(signal.aborted ? 'abort' : outcome, elapsed())
        }
      }
      return {
        steps: run(),
        usage,
        metrics: () =>
          firstMs === undefined || request.n * request.prompts.length > 1
            ? undefined
            : { queue_time_ms: queuedMs, time_to_first_token_ms: firstMs - queuedMs },
        fault: directive?.kind === 'fault' ? directive.fault : undefined,
      }
    },
    pause() {
      if (pause) return
      let end = () => {}
      const over = new Promise<void>((resolve) => {
        end = resolve
      })
      pause = { over, end }
    },
    resume() {
      pause?.end()
      pause = undefined
    },
    isPaused: () => pause !== undefined,
    close: () => pool.close(),
  }
  return engine
}

function lastQuestion(turns: Turn[]): string {
  return turns.findLast(({ role }) => role === 'user')?.text ?? turns.at(-1)?.text ?? ''
}
