import { z } from 'zod'
import { AppError } from '#server/platform/model/errors.ts'

const shortText = z.string().max(1000)
const tokenId = z.int().min(0).max(10_000_000)

/** Everything that apply_chat_template of transformers, vLLM and SGLang takes beside a model's own switches. */
const templateArguments = new Set(
  `conversation messages tools documents add_generation_prompt continue_final_message tokenize padding truncation
  max_length tokenizer tokenizer_kwargs processor_kwargs model_config load_audio_from_video video_load_backend`.split(
    /\s+/,
  ),
)

const templateSwitches = z
  .record(
    z.string().regex(/^[a-z][a-z0-9_]{0,39}$/i, 'is not the name of a switch'),
    z.union([z.boolean(), z.number(), z.string().max(64), z.null()], {
      error: 'a switch is true, false, a number or a short text',
    }),
  )
  .refine((switches) => Object.keys(switches).length <= 16, 'at most 16 switches')
  .refine(
    (switches) =>
      !Object.keys(switches).some(
        (name) =>
          templateArguments.has(name.toLowerCase()) || /template|^return_|trust|code/i.test(name),
      ),
    'templates and their arguments are this installation’s',
  )

const words = (count: number) => z.union([shortText, z.array(shortText).max(count)])

/** The engine looks for each of these at every token, or compiles them before the first. */
const limits: Record<string, z.ZodType> = {
  stop: words(32),
  bad_words: words(128),
  stop_token_ids: z.array(tokenId).max(128),
  allowed_token_ids: z.array(tokenId).max(4096),
  logit_bias: z
    .record(z.string().max(12), z.number().min(-100).max(100))
    .refine((bias) => Object.keys(bias).length <= 1024, 'at most 1024 tokens'),
  logprobs: z.union([z.boolean(), z.int().min(0).max(20)]),
  top_logprobs: z.int().min(0).max(20),
  guided_regex: shortText,
  regex: shortText,
  guided_choice: z.array(shortText).max(256),
  guided_grammar: z.string().max(20_000),
  ebnf: z.string().max(20_000),
  chat_template_kwargs: templateSwitches,
  messages: z.array(z.unknown()).max(4096),
  tools: z.array(z.unknown()).max(128),
  functions: z.array(z.unknown()).max(128),
}

/** The texts themselves: the whole body bounds them, and the engine's context. */
const texts = new Set(['messages', 'prompt', 'suffix', 'prediction'])
const charactersMax = 65_536

/** Throws `bad-request` that names the first parameter which an engine would have to work on without a bound. */
export function refuseUnbounded(asked: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(asked)) {
    if (value === null || value === undefined) continue
    const issue = limits[name]?.safeParse(value).error?.issues[0]
    if (issue) throw invalid([name, ...issue.path].join('.'), issue.message)
    if (!texts.has(name) && sizeOf(value) > charactersMax) {
      throw invalid(name, `at most ${charactersMax} characters of JSON`)
    }
  }
}

function sizeOf(value: unknown): number {
  return typeof value === 'object' ? JSON.stringify(value).length : String(value).length
}

function invalid(field: string, why: string): AppError {
  const message = `${field.slice(0, 80)}: ${why.slice(0, 200)}`
  return new AppError('bad-request', message, { key: 'invalid_request' })
}
