import { z } from 'zod'

const name = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)

/** The body of a question to the model. Greedy decoding is allowed, and warned about where it is typed. */
export const generationSchema = z.strictObject({
  binding: z.strictObject({ namespace: name, name }),
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['system', 'user', 'assistant']),
        content: z.string().max(200_000),
      }),
    )
    .min(1)
    .max(200)
    .refine((messages) => messages.at(-1)?.role === 'user', 'the last message must be the user’s')
    .refine((messages) => messages.at(-1)?.content.trim() !== '', 'the question is empty'),
  sampling: z.strictObject({
    temperature: z.number().min(0).max(2),
    topP: z.number().gt(0).max(1),
    topK: z.int().min(-1).max(1000),
    maxTokens: z.int().min(1).max(1_000_000),
    seed: z.int().min(0).max(2_147_483_647).optional(),
  }),
})
