import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'
import { samplingSchema } from '#server/platform/inference/model/sampling-schema.ts'
import { storableText } from '#server/platform/model/storable-text.ts'
import { questionCharsMax, variantsMax } from './ask-limits.ts'

const name = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)

const id = z.uuid('is not an id')
const text = z.string().max(questionCharsMax, 'is too long').transform(storableText)

const variantSchema = z.strictObject({
  binding: z.strictObject({ namespace: name, name }),
  preset: z.string().max(253).transform(storableText).optional(),
  systemPrompt: text,
  sampling: samplingSchema,
})

/** The body of a question to the model. */
export const askSchema = z
  .strictObject({
    conversation: id.optional(),
    question: z.union([
      z.strictObject({
        text: text.refine((asked) => asked.trim() !== '', 'is empty'),
        after: id.optional(),
      }),
      z.strictObject({ id, newest: id.optional() }),
    ]),
    variants: z.array(variantSchema).min(1).max(variantsMax),
  })
  .refine(
    ({ conversation, question }) =>
      conversation !== undefined || ('text' in question && question.after === undefined),
    'a question that goes on needs its conversation',
  )

export const finishSchema = z.strictObject({ newest: id.optional() })

export const continueSchema = finishSchema.extend({
  closeThinking: z.boolean().optional(),
  maxTokens: z.int().min(1).max(1_000_000).optional(),
})

export const titleSchema = z.strictObject({
  title: z.string().trim().min(1).max(200).transform(storableText),
})
