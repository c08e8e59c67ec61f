import { z } from 'zod'
import { stopsMax } from './sampling-limits.ts'

/** How tokens are drawn. Greedy decoding is allowed, and warned about where it is typed. */
export const samplingSchema = z.strictObject({
  temperature: z.number().min(0).max(2),
  topP: z.number().gt(0).max(1),
  topK: z.int().min(-1).max(1000),
  maxTokens: z.int().min(1).max(1_000_000),
  seed: z.int().min(0).max(2_147_483_647).optional(),
  stop: z.array(z.string().min(1).max(200)).max(stopsMax).optional(),
  repetitionPenalty: z.number().min(0.5).max(2).optional(),
  /** Lets the engine end an answer that repeats itself. */
  repetitionDetection: z.boolean().optional(),
})

export type SamplingChoice = z.infer<typeof samplingSchema>
