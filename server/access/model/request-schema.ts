import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'
import { AppError, type FieldError } from '#server/platform/model/errors.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import { type ModelBindingSpec, purposes, strategies } from './model-binding.ts'
import { quotaSchema } from './quota.ts'

/** Messages are keys of the message files; the API says them in English beside the key. */
export const requestMessages = {
  'request.namespace': 'Choose a namespace.',
  'request.dnsLabel': 'Use lower-case letters, digits and hyphens, beginning with a letter.',
  'request.tooLong63': 'Use at most 63 characters.',
  'request.justificationShort': 'Say in at least 10 characters what you need it for.',
  'request.justificationLong': 'Use at most 2000 characters.',
  'request.durationDays': 'Ask for at least one whole day.',
  'request.durationMax': 'Ask for no more days than the model service allows.',
  'request.quota': 'Enter a whole number within the limits.',
  'request.quotaMax': 'Ask for no more than the model service allows.',
  'request.commentLong': 'Use at most 2000 characters.',
  'request.nothingChanged':
    'Nothing differs from what was asked before. To renew, say why in the justification.',
} as const

export type RequestMessage = keyof typeof requestMessages

function message(key: RequestMessage): { error: string } {
  return { error: key }
}

/** A name as the cluster's DNS wants it (RFC 1035), such as the alias. */
const dnsLabel = z
  .string()
  .trim()
  .min(1, message('request.dnsLabel'))
  .max(63, message('request.tooLong63'))
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, message('request.dnsLabel'))

/** Names of namespaces and objects may begin with a digit (RFC 1123). */
const objectName = z
  .string()
  .min(1, message('request.namespace'))
  .max(63, message('request.tooLong63'))
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, message('request.dnsLabel'))

const justification = z
  .string()
  .trim()
  .min(10, message('request.justificationShort'))
  .max(2000, message('request.justificationLong'))

const durationDays = z
  .int(message('request.durationDays'))
  .min(1, message('request.durationDays'))
  .max(3650, message('request.durationMax'))

const comment = z.string().trim().max(2000, message('request.commentLong')).default('')

const wish = {
  strategy: z.enum(strategies),
  alias: dnsLabel,
  justification,
  purpose: z.enum(purposes),
  durationDays,
  quota: quotaSchema,
}

export const requestBindingSchema = z.strictObject({
  namespace: objectName,
  modelService: z.strictObject({ namespace: objectName, name: objectName }),
  ...wish,
})
export type RequestBindingBody = z.infer<typeof requestBindingSchema>

/** A first request that is looked at: what it is for is said once it is sent. */
export const previewRequestSchema = requestBindingSchema.omit({ justification: true })
export type PreviewRequestBody = z.infer<typeof previewRequestSchema>

export const changeBindingSchema = z
  .strictObject({
    generation: z.int().min(1),
    ...wish,
    /** Asks for a new term, from the moment on at which it is granted. */
    extend: z.boolean(),
  })
  .partial({
    strategy: true,
    alias: true,
    justification: true,
    purpose: true,
    durationDays: true,
    quota: true,
    extend: true,
  })
export type ChangeBindingBody = z.infer<typeof changeBindingSchema>

export const decisionSchema = z
  .strictObject({
    decision: z.enum(['approve', 'deny']),
    digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
    generation: z.int().min(1),
    comment,
  })
  .refine(({ decision, comment }) => decision === 'approve' || comment !== '', {
    path: ['comment'],
    message: 'say why it is denied',
  })
export type DecisionBody = z.infer<typeof decisionSchema>

/** Nothing but a comment takes an earlier offer back. */
export const termsSchema = z.strictObject({
  generation: z.int().min(1),
  durationDays: durationDays.optional(),
  quota: quotaSchema.optional(),
  ring: z.enum(['stable', 'canary']).optional(),
  comment,
})
export type TermsBody = z.infer<typeof termsSchema>

export const moveRingSchema = z.strictObject({ ring: z.enum(['stable', 'canary']), comment })
export type MoveRingBody = z.infer<typeof moveRingSchema>

export const commentSchema = z.strictObject({ comment })
export type CommentBody = z.infer<typeof commentSchema>

/** Throws `unprocessable` with a message per field where a wish exceeds what the service offers. */
export function refuseAboveLimits(
  wished: Pick<ModelBindingSpec, 'durationDays' | 'quota'>,
  service: ModelService,
): void {
  const { maxDurationDays, maxQuota } = service.spec.limits
  const fields: FieldError[] = []
  if (wished.durationDays > maxDurationDays) {
    fields.push({
      field: 'durationDays',
      key: 'request.durationMax',
      message: `${requestMessages['request.durationMax']} (${maxDurationDays})`,
    })
  }
  for (const key of ['requestsPerMinute', 'tokensPerDay', 'concurrency'] as const) {
    if (wished.quota[key] > maxQuota[key]) {
      const limit = maxQuota[key]
      const text = `${requestMessages['request.quotaMax']} (${limit})`
      fields.push({ field: `quota.${key}`, key: 'request.quotaMax', message: text })
    }
  }
  if (fields.length > 0) throw fieldErrors(fields)
}

export function fieldErrors(fields: FieldError[]): AppError {
  return new AppError('unprocessable', 'Some fields are not right.', { fields })
}

/** A schema repeats what it was given: an answer is short whatever that was. */
const issuesMax = 20
const fieldMax = 100
const messageMax = 300

/** The first issues of a schema as messages beside fields, in English and with their keys. */
export function fieldsOfIssues(error: z.ZodError): FieldError[] {
  return error.issues.slice(0, issuesMax).map(({ path, message }) => ({
    field: path.join('.').slice(0, fieldMax),
    ...(isRequestMessage(message)
      ? { key: message, message: requestMessages[message] }
      : { message: message.slice(0, messageMax) }),
  }))
}

function isRequestMessage(text: string): text is RequestMessage {
  return text in requestMessages
}
