import { z } from 'zod'
import { defaultOptions, startEngine } from './server.ts'

const whole = z.coerce.number().int()
const environment = z.object({
  HOST: z.string().optional(),
  POD_IP: z.string().optional(),
  PORT: whole.min(0).max(65_535).default(defaultOptions.port),
  MODEL: z.string().min(1).default(defaultOptions.model),
  TOKENS_PER_SECOND: z.coerce.number().min(0).default(defaultOptions.tokensPerSecond),
  FIRST_TOKEN_DELAY_MS: whole.min(0).max(600_000).default(defaultOptions.firstTokenDelayMs),
  MAX_MODEL_LEN: whole.min(64).max(1_048_576).default(defaultOptions.contextTokensMax),
  MAX_NUM_SEQS: whole.min(1).max(4096).default(defaultOptions.slotsMax),
  REASONING_FIELD: z
    .enum(['content', 'reasoning', 'reasoning_content'])
    .default(defaultOptions.reasoningField),
  SOLVER_THREADS: whole.min(1).max(16).default(defaultOptions.solverThreads),
  SOLVE_TIMEOUT_MS: whole.min(100).max(60_000).default(defaultOptions.solveTimeoutMs),
  SHUTDOWN_TIMEOUT_MS: whole.min(0).max(900_000).default(20_000),
  FAULTS: z.stringbool().default(defaultOptions.faults),
})

function say(level: 'info' | 'error', message: string): void {
  const time = new Date().toISOString()
  process.stdout.write(`${JSON.stringify({ time, level, process: 'demo-engine', message })}\n`)
}

async function main(): Promise<void> {
  const parsed = environment.safeParse(process.env)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Error(`${issue?.path.join('.')}: ${issue?.message}`)
  }
  const env = parsed.data
  const engine = await startEngine({
    host: env.HOST ?? env.POD_IP ?? defaultOptions.host,
    port: env.PORT,
    model: env.MODEL,
    tokensPerSecond: env.TOKENS_PER_SECOND,
    firstTokenDelayMs: env.FIRST_TOKEN_DELAY_MS,
    contextTokensMax: env.MAX_MODEL_LEN,
    slotsMax: env.MAX_NUM_SEQS,
    reasoningField: env.REASONING_FIELD,
    solverThreads: env.SOLVER_THREADS,
    solveTimeoutMs: env.SOLVE_TIMEOUT_MS,
    faults: env.FAULTS,
  })
  say(
    'info',
    `serving ${env.MODEL} at ${engine.url}, a computer algebra program and no language model`,
  )

  let stopping = false
  const stop = (signal: string) => {
    // A second signal means: now.
    if (stopping) process.exit(1)
    stopping = true
    say('info', `${signal}: finishing what runs`)
    engine.close(env.SHUTDOWN_TIMEOUT_MS).then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
}

main().catch((error: unknown) => {
  say('error', `cannot start: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
})
