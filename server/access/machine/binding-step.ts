import type { RightsHolder } from '#server/access/model/binding-names.ts'
import type { EndReason, ModelBinding } from '#server/access/model/model-binding.ts'
import type { BindPlan, SealedText } from '#server/access/model/plan.ts'
import type { Quota } from '#server/access/model/quota.ts'
import type { EndProof, Receipt } from '#server/access/model/receipt.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { ModelService, Ring } from '#server/serving/model/model-service.ts'

export type NamespacePhase = 'active' | 'terminating' | 'missing'

/** All that is looked at before a step is taken; read anew for each. */
export type BindingSnapshot = {
  now: Date
  binding: ModelBinding
  service?: ModelService
  namespace: NamespacePhase
  /** Where runs, policies and the gateway stand; nothing can be carried out where it is not active. */
  serving: NamespacePhase
  /** The plan for the present spec; absent where the service is. */
  plan?: SealedText
  unbindPlan: SealedText
  /** Our runs for this binding, by name. */
  runs: ReadonlyMap<string, TaskRun>
  /** RoleBindings that stand in the tenant's namespace. */
  rights: ReadonlySet<RightsHolder>
  /** The name that a waiting request asks for is somebody else's now; looked at while it waits. */
  aliasTaken: boolean
  /** Its namespace has as many undecided requests before it as it may. */
  crowdedOut?: boolean
  /** What its namespace holds without it; read where a request may pass by itself. */
  held?: Quota
}

/** Each step is one write, so that a crash falls between steps, and each may be repeated. */
export type BindingStep =
  | { step: 'add-finalizer' }
  | { step: 'remove-finalizer' }
  | { step: 'give-rights'; holder: RightsHolder }
  | { step: 'take-rights'; holder: RightsHolder }
  | {
      step: 'create-bind-run'
      name: string
      plan: SealedText
      generation: number
      pending: boolean
    }
  | { step: 'create-unbind-run'; name: string; plan: SealedText; reason: EndReason }
  | { step: 'release-run'; run: TaskRun }
  | { step: 'discard-run'; run: TaskRun }
  | { step: 'cancel-run'; run: TaskRun }
  | { step: 'record-seal'; run: string; plan: SealedText }
  | { step: 'record-auto-approval' }
  | {
      step: 'record-grant'
      approvers: string[]
      run: string
      plan: SealedText
      grant: BindPlan['grant']
    }
  /** The spec is what is granted, or less of it: the grant follows without a decision. */
  | { step: 'record-reduction'; by: string }
  | { step: 'record-unchanged' }
  | { step: 'record-move'; run: string; digest: string; ring: Ring }
  | { step: 'record-move-void' }
  | { step: 'record-success'; receipt: Receipt }
  | { step: 'record-failure'; run?: TaskRun; reason: string; message: string }
  | { step: 'record-end'; reason: EndReason; generation: number }
  | { step: 'record-unbind-run'; run: string }
  | { step: 'record-unbind-failure'; run: TaskRun; message: string }
  | { step: 'record-proof'; proof?: EndProof }
  | { step: 'record-waiting'; reason: string; message: string }
  /** A released run that Tekton has not looked at for a while, and that it has looked at after all. */
  | { step: 'record-run-unseen'; run: string }
  | { step: 'record-run-seen' }
  /** What it leads to is there again. */
  | { step: 'record-restored' }
  /** Nothing to do until the world changes, or until that time. */
  | { step: 'wait'; until?: Date }
