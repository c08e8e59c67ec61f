import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'
import { canonicalJson, digestOf } from '#server/platform/model/canonical-json.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { quotaSchema } from './quota.ts'

const name = z.string().min(1).max(253)
const target = z.strictObject({ apiVersion: name, kind: name, namespace: name, name })

const planObject = z.looseObject({
  apiVersion: name,
  kind: name,
  metadata: z.looseObject({
    name,
    namespace: name,
    labels: z.record(z.string(), z.string()),
  }),
})

const binding = z.strictObject({
  namespace: name,
  name,
  uid: name,
  generation: z.int(),
})

/** What a bind run does, whole: what is reviewed, hashed, sealed and carried out is this and nothing else. */
export const bindPlanSchema = z.strictObject({
  version: z.literal(1),
  binding,
  modelService: z.strictObject({ namespace: name, name, model: z.string().min(1) }),
  grant: z.strictObject({
    strategy: z.enum(['ExternalName', 'EndpointSlice']),
    alias: name,
    durationDays: z.int().min(1),
    quota: quotaSchema,
    ring: z.enum(['stable', 'canary']),
    graceHours: z.int().min(1).optional(),
  }),
  /** The alias as seen from anywhere in the cluster, and the gateway itself. */
  address: z.url(),
  gateway: z.url(),
  apply: z.array(planObject).max(20),
  /** What an older grant left and this one replaces; removed after the rest is applied. */
  remove: z.array(target).max(20),
})

export type BindPlan = z.infer<typeof bindPlanSchema>
export type PlanObject = z.infer<typeof planObject>
export type PlanTarget = z.infer<typeof target>

/** What an unbind run removes, in this order, and where it asks whether access is gone. */
export const unbindPlanSchema = z.strictObject({
  version: z.literal(1),
  binding,
  remove: z.array(target).max(40),
  /** Absent where the model service itself is gone. */
  gateway: z.url().optional(),
  model: z.string().optional(),
})

export type UnbindPlan = z.infer<typeof unbindPlanSchema>

export type SealedText = { text: string; digest: string }

export function sealText(plan: BindPlan | UnbindPlan): SealedText {
  const text = canonicalJson(plan)
  return { text, digest: digestOf(text) }
}

/** Refuses a text whose digest is another, before anything in it is believed. */
export function parseSealed<T>(schema: z.ZodType<T>, text: string, digest: string): T {
  if (digestOf(text) !== digest) {
    throw new AppError('conflict', 'The plan is not the one that was approved: its digest differs.')
  }
  return schema.parse(JSON.parse(text))
}
