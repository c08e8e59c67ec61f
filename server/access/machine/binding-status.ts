import { specRequestId } from '#server/access/model/binding-request-id.ts'
import { type ConditionChange, timestamp, withConditions } from '#server/access/model/conditions.ts'
import { requesterOf } from '#server/access/model/decide.ts'
import { controllerActor, endMessage } from '#server/access/model/end-message.ts'
import { endsGrant } from '#server/access/model/grant-in-force.ts'
import { keptDecisions } from '#server/access/model/kept-decisions.ts'
import type {
  End,
  ModelBinding,
  ModelBindingStatus,
  PlannedChange,
  Retry,
} from '#server/access/model/model-binding.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { autoApprover } from '#server/platform/model/names.ts'
import type { BindingStep } from './binding-step.ts'
import { attemptedEnd, failedEnd } from './end-status.ts'
import { grantOf, moved, reduced, usable, withPast } from './grant-status.ts'

type Recording = Extract<BindingStep, { step: `record-${string}` }>

/** The status after a step that writes nothing but status. Pure; `changes` is the preview that belongs to a seal. */
export function applyStep(
  binding: ModelBinding,
  step: Recording,
  now: Date,
  changes: PlannedChange[] = [],
): ModelBindingStatus {
  const status = binding.status ?? {}
  const { generation = 1 } = binding.metadata
  const at = timestamp(now)
  const set = (conditions: ConditionChange[], rest: Partial<ModelBindingStatus> = {}) => ({
    ...status,
    ...rest,
    observedGeneration: generation,
    conditions: withConditions(status.conditions, conditions, generation, now),
  })
  switch (step.step) {
    case 'record-seal': {
      const { digest } = step.plan
      const before = status.seal?.generation === generation ? status.seal : undefined
      const since = before?.since ?? before?.previewedAt ?? at
      const seal = { generation, run: step.run, digest, changes, previewedAt: at, since }
      return set(sealedConditions(binding), { seal })
    }
    case 'record-auto-approval': {
      const digest = status.seal?.digest ?? ''
      const comment = 'Within what the model service approves by itself.'
      const decision = {
        generation,
        decision: 'approve' as const,
        by: autoApprover,
        digest,
        comment,
      }
      const decisions = [...(status.decisions ?? []), { ...decision, at }]
      return { ...status, decisions: keptDecisions(decisions, status.granted) }
    }
    case 'record-grant': {
      const granted = grantOf(binding, step.grant, step.approvers, now)
      const run = status.seal?.run
      return set(grantedConditions(binding, step.approvers), {
        granted,
        run,
        attempt: 0,
        retry: undefined,
        end: undefined,
        terms: undefined,
        history: withPast(status, now),
        receipt: granted.usableSince ? status.receipt : undefined,
      })
    }
    case 'record-unchanged':
      return set(followedConditions(binding), {
        granted: status.granted && { ...status.granted, generation },
        terms: undefined,
      })
    case 'record-reduction': {
      const granted = status.granted && reduced(status.granted, binding)
      const comment = 'Less than was granted: it takes effect without a decision.'
      const digest = granted?.digest ?? ''
      const requestId = specRequestId(binding.metadata)
      const decision = { generation, decision: 'reduce' as const, by: step.by, comment, digest }
      return set(followedConditions(binding), {
        granted,
        terms: undefined,
        history: withPast(status, now),
        decisions: keptDecisions(
          [...(status.decisions ?? []), { ...decision, at, requestId }],
          granted,
        ),
      })
    }
    case 'record-move': {
      const { digest, run, ring } = step
      const granted = status.granted && moved(status.granted, ring, digest)
      const { by = '', comment = '', requestId } = status.move ?? {}
      const decision = {
        generation: granted?.generation ?? generation,
        decision: 'move' as const,
        by,
        comment,
        digest,
        requestId,
      }
      const message = `It is moved to the ring ${ring}.`
      return set([{ type: 'Provisioned', status: 'Unknown', reason: 'MovingRing', message }], {
        granted,
        move: undefined,
        run,
        attempt: (status.attempt ?? 0) + 1,
        decisions: keptDecisions([...(status.decisions ?? []), { ...decision, at }], granted),
      })
    }
    case 'record-move-void':
      return { ...status, move: undefined }
    case 'record-restored': {
      const message = 'The model service is there again.'
      return set([{ type: 'Ready', status: 'True', reason: 'Usable', message }])
    }
    case 'record-success':
      return set(readyConditions(), { granted: usable(status.granted, now), receipt: step.receipt })
    case 'record-failure': {
      const failed = { status: 'False' as const, reason: step.reason, message: step.message }
      const changes: ConditionChange[] = [{ type: 'Provisioned', ...failed }]
      // A change that failed does not take away what worked before it.
      if (!isReady(binding)) changes.push({ type: 'Ready', ...failed })
      return set(changes)
    }
    case 'record-end': {
      const { reason, generation } = step
      // Whoever gives access back signs that, as any change of a wish.
      const released = reason === 'Released'
      const by = (released ? requesterOf(binding) : undefined) ?? controllerActor
      const requestId = released ? specRequestId(binding.metadata) : undefined
      return beginEnd(binding, { reason, generation, by, comment: '', requestId }, now)
    }
    case 'record-unbind-run':
      return { ...status, run: step.run, end: status.end && attemptedEnd(status.end, step.run) }
    case 'record-unbind-failure': {
      if (!status.end) return status
      const { end, told } = failedEnd(status.end, step.message, now)
      return set([told], { end })
    }
    case 'record-proof':
      return set(endedConditions(status.end), {
        end: status.end && { ...status.end, provenAt: timestamp(now), proof: step.proof },
      })
    case 'record-run-unseen': {
      const message = `Tekton has not started the run ${step.run}. Check that its controller is running.`
      return set([{ type: 'RunStarted', status: 'False', reason: 'TektonNotResponding', message }])
    }
    case 'record-run-seen': {
      const message = 'Tekton has started the run.'
      return set([{ type: 'RunStarted', status: 'True', reason: 'Started', message }])
    }
    case 'record-waiting': {
      const { reason, message } = step
      return set([{ type: 'Ready', status: 'False', reason, message }])
    }
  }
}

/** From here on the gateway refuses; the unbind run takes away the rest. Used by the web and the controller. */
export function beginEnd(
  binding: ModelBinding,
  input: Pick<End, 'reason' | 'by' | 'comment' | 'generation' | 'requestId'>,
  now: Date,
): ModelBindingStatus {
  const status = binding.status ?? {}
  const { reason } = input
  const end: End = { ...input, at: timestamp(now) }
  // What an earlier end has proven gone is history: it need not be taken away again.
  const gone = status.granted && status.end?.provenAt && endsGrant(status.end, status.granted)
  const changes: ConditionChange[] = [
    { type: 'Ready', status: 'False', reason, message: endMessage(end) },
  ]
  if (reason === 'Revoked') {
    changes.push({ type: 'Revoked', status: 'True', reason, message: endMessage(end) })
  }
  if (reason === 'Expired') {
    changes.push({ type: 'Expired', status: 'True', reason, message: endMessage(end) })
  }
  return {
    ...status,
    granted: gone ? undefined : status.granted,
    history: gone ? withPast(status, now) : status.history,
    move: undefined,
    terms: undefined,
    end,
    conditions: withConditions(status.conditions, changes, binding.metadata.generation ?? 1, now),
  }
}

/** Asks for the failed run to be run again; the approval stands, for the plan is the same. */
export function retryStatus(
  binding: ModelBinding,
  asked: Omit<Retry, 'at'>,
  now: Date,
): ModelBindingStatus {
  const status = binding.status ?? {}
  const message = `It is run again, as ${asked.by} asked.`
  const changes: ConditionChange[] = [
    { type: 'Provisioned', status: 'Unknown', reason: 'Retrying', message },
  ]
  return {
    ...status,
    run: asked.run,
    retry: { ...asked, at: timestamp(now) },
    attempt: (status.attempt ?? 0) + 1,
    conditions: withConditions(status.conditions, changes, binding.metadata.generation ?? 1, now),
  }
}

function isReady(binding: ModelBinding): boolean {
  return conditionOf(binding.status?.conditions, 'Ready')?.status === 'True'
}

function sealedConditions(binding: ModelBinding): ConditionChange[] {
  const { conditions } = binding.status ?? {}
  const changes: ConditionChange[] = []
  if (conditionOf(conditions, 'Denied')?.status === 'True') {
    const message = 'The request was changed after it was denied.'
    changes.push({ type: 'Denied', status: 'False', reason: 'Changed', message })
  }
  if (!isReady(binding)) {
    const message = 'The plan is sealed and waits for a decision.'
    changes.push({ type: 'Ready', status: 'False', reason: 'AwaitingApproval', message })
  }
  return changes
}

/** The grant was made to follow the spec: nothing of it waits for a decision any more. */
function followedConditions(binding: ModelBinding): ConditionChange[] {
  const { conditions } = binding.status ?? {}
  if (conditionOf(conditions, 'Denied')?.status !== 'True') return []
  const message = 'The request was taken back.'
  return [{ type: 'Denied', status: 'False', reason: 'TakenBack', message }]
}

function grantedConditions(binding: ModelBinding, approvers: string[]): ConditionChange[] {
  const changes: ConditionChange[] = [
    {
      type: 'Approved',
      status: 'True',
      reason: 'Approved',
      message: `Approved by ${approvers.join(', ')}.`,
    },
    {
      type: 'Provisioned',
      status: 'Unknown',
      reason: 'Running',
      message: 'The run makes it true.',
    },
  ]
  for (const type of ['Expired', 'Revoked'] as const) {
    if (conditionOf(binding.status?.conditions, type)?.status === 'True') {
      changes.push({ type, status: 'False', reason: 'GrantedAgain', message: 'Granted again.' })
    }
  }
  if (!isReady(binding)) {
    const message = 'Access is being set up.'
    changes.push({ type: 'Ready', status: 'False', reason: 'Provisioning', message })
  }
  return changes
}

function readyConditions(): ConditionChange[] {
  const message = 'The alias answered through the gateway.'
  return [
    { type: 'Provisioned', status: 'True', reason: 'RunSucceeded', message: 'The run succeeded.' },
    { type: 'Ready', status: 'True', reason: 'Usable', message },
  ]
}

function endedConditions(end: End | undefined): ConditionChange[] {
  if (!end) return []
  const { reason } = end
  return [
    { type: 'Provisioned', status: 'False', reason, message: 'Access was taken away.' },
    {
      type: 'Ready',
      status: 'False',
      reason,
      message: `${endMessage(end)} Access is proven gone.`,
    },
  ]
}
