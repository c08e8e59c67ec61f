import { connectKube } from '#server/platform/kube/connect-kube.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { ReplicaSet, Rollout } from '#server/platform/kube/rollout.ts'
import { isNotFound } from '#server/platform/kube/translate-status.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { stepArgs } from '#server/platform/step/step-args.ts'
import { logStep } from '#server/platform/step/step-log.ts'
import { type RolloutAction, rolloutActions } from '#server/serving/views/ring-views.ts'

type Ref = { namespace: string; name: string }

/** Drives an Argo Rollout behind an engine as `kubectl argo rollouts` does: by patches, and its controller does the rest. */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const given = stepArgs(args, ['namespace', 'rollout', 'action'])
  const action = rolloutActions.find((one) => one === given.action)
  if (!action) {
    throw new AppError('bad-request', `An action is one of ${rolloutActions.join(', ')}.`)
  }
  const ref = { namespace: given.namespace, name: given.rollout }
  await steerRollout(connectKube({ signal }), ref, action)
}

export async function steerRollout(kube: Kube, ref: Ref, action: RolloutAction): Promise<void> {
  const rollout = await kube.get(Rollout, ref)
  switch (action) {
    case 'promote':
      await promote(kube, ref, rollout)
      break
    case 'promote-full': {
      const { currentPodHash, stableRS } = rollout.status ?? {}
      if (currentPodHash === stableRS) return logStep('There is nothing to promote: all is stable.')
      await patchStatus(kube, ref, { promoteFull: true })
      break
    }
    case 'pause':
      await kube.patch(Rollout, ref, { spec: { paused: true } })
      break
    case 'resume':
      await kube.patch(Rollout, ref, { spec: { paused: false } })
      break
    case 'abort':
      await patchStatus(kube, ref, { abort: true })
      break
    case 'retry':
      await patchStatus(kube, ref, { abort: false })
      break
    case 'undo':
      await undo(kube, ref, rollout)
      break
  }
  logStep(`Rollout ${ref.name}: ${action}`)
}

/** Either the pause is lifted, or, in the midst of an analysis, the step is left behind; never both. */
async function promote(kube: Kube, ref: Ref, rollout: Rollout): Promise<void> {
  const { spec, status = {} } = rollout
  const steps = spec.strategy?.canary?.steps ?? []
  if ((status.pauseConditions ?? []).length > 0) {
    await patchStatus(kube, ref, { pauseConditions: null })
  } else if (steps.length > 0) {
    const currentStepIndex = Math.min((status.currentStepIndex ?? 0) + 1, steps.length)
    await patchStatus(kube, ref, { pauseConditions: null, currentStepIndex })
  }
  if (spec.paused) await kube.patch(Rollout, ref, { spec: { paused: false } })
}

/** Before 0.10 Rollouts had no status of its own to patch. */
async function patchStatus(kube: Kube, ref: Ref, status: object): Promise<void> {
  try {
    await kube.patch(Rollout, ref, { status }, { subresource: 'status' })
  } catch (error) {
    if (!isNotFound(error)) throw error
    await kube.patch(Rollout, ref, { status })
  }
}

const revisionAnnotation = 'rollout.argoproj.io/revision'
const hashLabel = 'rollouts-pod-template-hash'

/** The template of the revision before the present one becomes the Rollout's again. */
async function undo(kube: Kube, ref: Ref, rollout: Rollout): Promise<void> {
  const { namespace } = ref
  const sets = await kube.list(ReplicaSet, {
    namespace,
    labelSelector: Object.entries(rollout.spec.selector?.matchLabels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  })
  const [, previous] = sets
    .filter(({ metadata }) => ownedBy(metadata.ownerReferences, rollout.metadata.uid))
    .sort((a, b) => revisionOf(b) - revisionOf(a))
  if (!previous) throw new AppError('conflict', `${ref.name} has no revision before this one.`)
  const { metadata = {}, ...template } = previous.spec.template
  const { [hashLabel]: _hash, ...labels } = metadata.labels ?? {}
  const value = { ...template, metadata: { ...metadata, labels } }
  const patch = [{ op: 'replace', path: '/spec/template', value }]
  await kube.patch(Rollout, ref, patch, { type: 'json' })
  logStep(`Back to revision ${revisionOf(previous)}`)
}

function ownedBy(owners: ReplicaSet['metadata']['ownerReferences'], uid?: string): boolean {
  return owners?.some((owner) => owner.controller && owner.uid === uid) ?? false
}

function revisionOf({ metadata }: ReplicaSet): number {
  return Number(metadata.annotations?.[revisionAnnotation] ?? 0)
}
