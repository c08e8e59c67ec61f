import { z } from 'zod'

const tokens = z.number().int().min(0)
const milliseconds = z.number().min(0)

/** One `data:` of a streamed completion, as vLLM, SGLang and llama.cpp send it; what we do not read is let pass. */
export const chatChunkSchema = z.object({
  choices: z
    .array(
      z.object({
        index: z.number().default(0),
        delta: z
          .object({
            content: z.string().nullish(),
            reasoning: z.string().nullish(),
            reasoning_content: z.string().nullish(),
          })
          .default({}),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: z
    .object({
      prompt_tokens: tokens,
      completion_tokens: tokens,
      completion_tokens_details: z.object({ reasoning_tokens: tokens.nullish() }).nullish(),
    })
    .nullish(),
  /** In the last chunk, of a vLLM that was started with `--enable-per-request-metrics`. */
  metrics: z
    .object({ queue_time_ms: milliseconds, time_to_first_token_ms: milliseconds })
    .nullish()
    .catch(undefined),
  error: z.unknown().optional(),
})

export type ChatChunk = z.infer<typeof chatChunkSchema>

const modelListSchema = z.object({ data: z.array(z.object({ id: z.string() })) })

/** The ids in the answer of `GET /v1/models`; undefined where it is none. */
export function parseModelList(body: string): string[] | undefined {
  const parsed = modelListSchema.safeParse(parseJson(body))
  return parsed.success ? parsed.data.data.map((model) => model.id) : undefined
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
