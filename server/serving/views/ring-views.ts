import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'
import type { ErrorBody } from '#server/platform/model/errors.ts'
import type { EngineSeen } from '#server/serving/model/engine-facts.ts'
import type { Ring } from '#server/serving/model/model-service.ts'

export const ringsQuerySchema = z.strictObject({
  window: z.enum(['15m', '1h', '24h', '7d']).default('1h'),
})

const namespace = z.string().min(1).max(63)

/** Which tenants are to be on which ring: so many percent of them on the canary, or some by name. */
export const moveShareSchema = z.strictObject({
  share: z.union([
    z.strictObject({ canaryPercent: z.int().min(0).max(100) }),
    z.strictObject({
      ring: z.enum(['stable', 'canary']),
      namespaces: z.array(namespace).min(1).max(1000),
    }),
  ]),
  /** Only says what would move. */
  preview: z.boolean().default(false),
  comment: z.string().trim().max(2000).default(''),
})
export type MoveShareBody = z.infer<typeof moveShareSchema>
export type RingShare = MoveShareBody['share']

export type RingMoveView = { namespace: string; name: string; from: Ring; to: Ring }

export type MoveShareView = {
  moves: RingMoveView[]
  /** Of a move that was really asked for: those that could not be, and why, with the key of the message files. */
  failed: (RingMoveView & Pick<ErrorBody['error'], 'message' | 'key' | 'values'>)[]
}

/** What the gateway counted in the window; rates and percentiles only where there is something to make them of. */
export type RingNumbers = {
  requests: number
  /** Answers that failed on our side (5xx); a caller that left or asked wrongly is none. */
  errors: number
  ttftP50Ms?: number
  ttftP95Ms?: number
  completionTokens: number
  /** Tokens per second of the median answer, after its first token. */
  decodeRateP50?: number
}

export type RingView = {
  ring: Ring
  /** Service of the engine; undefined where the model service names none. */
  engine?: string
  readyReplicas: number
  image?: string
  digest?: string
  /** What it says of itself; absent until a gateway has looked. */
  seen?: EngineSeen
  /** Tenants on it, and how many of their bindings; those on the way to it come under `arriving`. */
  tenants: { namespace: string; bindings: number }[]
  arriving: number
  numbers: RingNumbers
  rollout?: RolloutView
}

/** An Argo Rollout that stands behind an engine. */
export type RolloutView = {
  name: string
  phase: string
  message: string
  paused: boolean
  aborted: boolean
  step?: number
  steps: number
}

export type ServiceRingsView = {
  id: string
  namespace: string
  name: string
  displayName: string
  rings: RingView[]
  /** What the person may do now: rights and state together. */
  can: ('move' | 'promote' | 'steer')[]
}

/** What a steer-rollout run does to an Argo Rollout; the verbs of kubectl argo rollouts. */
export const rolloutActions = [
  'promote',
  'promote-full',
  'pause',
  'resume',
  'abort',
  'retry',
  'undo',
] as const
export type RolloutAction = (typeof rolloutActions)[number]
