import { z } from 'zod'

const text = z.string().max(4096)

export const whySchema = z.strictObject({ why: z.string().trim().max(500).default('') })

/** The body that starts a run by hand; which parameters there are is the Task's to say. */
export const startRunSchema = z.strictObject({
  task: z.string().min(1).max(253),
  params: z
    .record(z.string().max(253), z.union([text, z.array(text).max(200), z.record(text, text)]))
    .default({}),
  why: z.string().trim().min(1, 'say why').max(500),
})
export type StartRunBody = z.infer<typeof startRunSchema>
