import type { GrantTerm } from './access/grant-term.ts'
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
} from './access/model-binding.ts'
import type { Benchmark, EngineStatus, ModelServiceSpec, Preset } from './access/model-service.ts'
import type { Receipt } from './access/receipt.ts'
import type { FieldChange } from './access/wish-changes.ts'
import type { Condition } from './kubernetes.ts'
import type { Param, ParamSpec } from './runs/task-run.ts'

/** What crosses the wire to a browser. Views hold what a page shows and nothing else of the objects behind them. */

export type ModelServiceView = {
  /** `namespace/name`, stable over updates. */
  id: string
  namespace: string
  name: string
  displayName: string
  description: string
  model: string
  strengths: string[]
  weaknesses: string[]
  benchmarks: Benchmark[]
  presets: Preset[]
  limits: ModelServiceSpec['limits']
  approval: ModelServiceSpec['approval']
  /** Host and port that the alias leads to. */
  address: string
  engines: EngineStatus[]
  ready: boolean
  conditions: Condition[]
}

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

export type RunState = 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'timed-out'

export type StepView = {
  name: string
  container: string
  state: 'pending' | 'waiting' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'cancelled'
  startedAt?: string
  finishedAt?: string
  exitCode?: number
  reason?: string
  message?: string
}

export type RunView = {
  id: string
  namespace: string
  name: string
  task: string
  state: RunState
  /** It waits for a decision; what is pending without is not taken up by Tekton yet. */
  sealed: boolean
  reason: string
  message: string
  createdAt: string
  startedAt?: string
  finishedAt?: string
  startedBy?: string
  why?: string
  /** The binding it makes true or ends. */
  binding?: { namespace: string; name: string }
  params: Param[]
  results: { name: string; value: string }[]
  steps: StepView[]
  /** The step that a failed run opens at. */
  failedStep?: string
  /** Since when the cluster does not have it any more: what is shown of it is what was kept. */
  goneAt?: string
  can: RunAction[]
}

export type RunAction = 'cancel' | 'rerun' | 'delete'

export type TaskView = {
  id: string
  namespace: string
  name: string
  description: string
  params: ParamSpec[]
  steps: { name: string; image: string }[]
  can: 'run'[]
}

/** One row of a run's log: a line, or a piece of a long one. */
export type LogLine = {
  /** Its place in the log, from 1: the same in the stream, in a search and in a range. */
  row: number
  /** The step, or the sidecar or init container whose log was asked for. */
  step: string
  /** From 2 on, of a run that was tried again. */
  attempt?: number
  /** RFC 3339 with nanoseconds, as the kubelet wrote it; all pieces of a line have the same. */
  at: string
  text: string
  /** Goes on where the row before it ended, with no line break between them. */
  continues?: true
  /** So many bytes of the line were left out after this row. */
  cut?: number
  /** The log ended without a line break after it. */
  open?: true
}

export type MeView = {
  user: string
  name: string
  groups: string[]
  /** Namespaces in which the person may ask for access. */
  namespaces: string[]
  can: { approve: boolean; startRuns: boolean; seeRuns: boolean; seeAudit: boolean }
  demo: boolean
  language: 'en' | 'zh-CN'
  /** How long an answer that nobody watches is still written. */
  unwatchedStopSeconds: number
}

/** One of the demo's people. */
export type PersonView = {
  id: string
  name: string
  role: 'researcher' | 'lecturer' | 'admin'
  group: string
}

/** Ways to sign in: the demo's people or the organisation's provider, never both. */
export type SignInOptions = { people: PersonView[]; sso?: { name: string } }

/** Where the browser goes to sign in; nothing where it is signed in already. */
export type SignInView = { url?: string }

/** Where the browser goes to be signed out at the provider too. */
export type SignOutView = { url?: string }
