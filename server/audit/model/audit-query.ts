import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'
import { auditWhats } from './audit-record.ts'

const word = z.string().trim().max(253)

/** What a search of the trail can ask for; every field narrows. The page's URL holds the same names. */
export const auditQuerySchema = z.object({
  /** Anywhere in who, why, names, digests. */
  text: word.optional(),
  who: word.optional(),
  what: z
    .string()
    .max(600)
    .transform((list) => list.split(',').filter(Boolean))
    .pipe(z.array(z.enum(auditWhats)))
    .optional(),
  namespace: word.optional(),
  binding: word.optional(),
  /** Instants, the first included and the last not. */
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
})

export type AuditQuery = z.output<typeof auditQuerySchema>

const auditPageMax = 200

export const auditPageSchema = auditQuerySchema.extend({
  /** Records older than this one: the key of the next page. */
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(auditPageMax).default(50),
})

export const auditNewerSchema = auditQuerySchema.extend({
  after: z.coerce.number().int().min(0).default(0),
})
