import type { GrantTerm } from '#server/access/model/grant-term.ts'
import type {
  Decision,
  Drift,
  End,
  Grant,
  ModelBindingSpec,
  PastGrant,
  PlannedChange,
  RingMove,
  Terms,
} from '#server/access/model/model-binding.ts'
import type { Receipt } from '#server/access/model/receipt.ts'
import type { FieldChange } from '#server/access/model/requested-changes.ts'
import type { Condition } from '#server/platform/model/kubernetes.ts'

/** Derived from conditions, for the eye: never stored. */
export type BindingState =
  | 'preparing'
  | 'requested'
  | 'denied'
  | 'provisioning'
  | 'ready'
  | 'failed'
  | 'ending'
  | 'ended'

export type TimelineEntry = {
  at: string
  what:
    | 'requested'
    | 'changed'
    | 'sealed'
    | 'approved'
    | 'denied'
    | 'adjusted'
    | 'reduced'
    | 'moved'
    | 'run-started'
    | 'run-failed'
    | 'usable'
    | 'end-asked'
    | 'ended'
  by?: string
  comment?: string
  run?: string
  digest?: string
}

export type BindingView = {
  id: string
  namespace: string
  name: string
  uid: string
  generation: number
  resourceVersion: string
  createdAt: string
  requestedBy?: string
  state: BindingState
  /** True while spec asks for something that nobody has decided. */
  pending: boolean
  asked: Omit<ModelBindingSpec, 'released'>
  granted?: Grant
  /** Where the spec differs from what is in force; empty where nothing is, or nothing differs. */
  changes: FieldChange[]
  /** It asks for less, and takes effect without a decision. */
  reduction: boolean
  /** Who has approved what waits, and how many it takes; absent where nothing waits for people. */
  approval?: {
    required: number
    /** Whether it is known who asked; where it is not, it takes one approval more. */
    signed: boolean
    given: { by: string; at: string; comment: string }[]
    missing: number
  }
  /** What an approver offers in place of what this generation asks. */
  terms?: Terms
  /** A move to another ring that has not been sealed yet. */
  move?: RingMove
  /** Why it was denied last, where nothing was granted since. */
  lastDenial?: Decision
  /** Its instants, and which warning was due when this was written. */
  term?: GrantTerm & { warning?: 20 | 5 | 'grace' }
  history: PastGrant[]
  /** What approvers read; `digest` goes back with the decision. */
  seal?: {
    generation: number
    digest: string
    run: string
    changes: PlannedChange[]
    previewedAt: string
    since?: string
  }
  decisions: Decision[]
  receipt?: Receipt
  /** Beside the condition `Drifted`: the difference, and how often it was put back. */
  drift?: Drift
  end?: End
  run?: { namespace: string; name: string }
  /** `http://alias:port`, what pods of the tenant call. */
  address: string
  conditions: Condition[]
  timeline: TimelineEntry[]
  /** What the person looking at it may do with it now. */
  can: BindingAction[]
}

export type BindingAction =
  | 'decide'
  | 'adjust'
  | 'change'
  | 'withdraw'
  | 'release'
  | 'revoke'
  | 'move'
  | 'retry'
  | 'use'
  | 'delete'
