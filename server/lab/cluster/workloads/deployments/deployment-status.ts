import type { KubeObject } from '#server/lab/cluster/client.ts'
import type { Fields } from '#server/lab/cluster/workloads/open-fields.ts'
import { timestamp } from '#server/lab/cluster/workloads/pods/pod-facts.ts'
import { rolloutLimits } from './deployment-rollout.ts'

type Condition = {
  type: string
  status: string
  lastUpdateTime: string
  lastTransitionTime: string
  reason: string
  message: string
}

/** The status of a Deployment; `againMs` says when a missing progress has to be noticed. */
export function deploymentStatus(
  deployment: KubeObject,
  owned: KubeObject[],
  current: KubeObject | undefined,
): { status: Fields; againMs?: number } {
  const sum = (field: string) => owned.reduce((total, set) => total + (set.status?.[field] ?? 0), 0)
  const replicas = sum('replicas')
  const available = sum('availableReplicas')
  const ready = sum('readyReplicas')
  const updated: number = current?.status?.replicas ?? 0
  const unavailable = Math.max(
    0,
    owned.reduce((total, set) => total + set.spec.replicas, 0) - available,
  )
  const counts = {
    ...(replicas ? { replicas } : {}),
    ...(updated ? { updatedReplicas: updated } : {}),
    ...(ready ? { readyReplicas: ready } : {}),
    ...(available ? { availableReplicas: available } : {}),
    ...(unavailable ? { unavailableReplicas: unavailable } : {}),
  }
  const before: Condition[] = deployment.status?.conditions ?? []
  const set = (
    condition: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>,
    moved = false,
  ) =>
    renewed(
      before.find((one) => one.type === condition.type),
      condition,
      moved,
    )

  const wanted: number = deployment.spec.replicas
  const { maxUnavailable } = rolloutLimits(wanted, deployment.spec.strategy?.rollingUpdate)
  const tolerated = deployment.spec.strategy?.type === 'Recreate' ? wanted : maxUnavailable
  const enough =
    available >= wanted - (deployment.spec.strategy?.type === 'Recreate' ? 0 : tolerated)
  const availability = set(
    enough
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
  )

  const name = current?.metadata.name ?? ''
  const complete = updated === wanted && replicas === wanted && available === wanted
  const known = before.find((one) => one.type === 'Progressing')
  const moved = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'].some(
    (field) => (counts as Fields)[field] !== deployment.status?.[field],
  )
  const deadlineMs: number = (deployment.spec.progressDeadlineSeconds ?? 600) * 1000
  const since = moved || !known ? Date.now() : Date.parse(known.lastUpdateTime)
  const leftMs = since + deadlineMs - Date.now()
  const progress = complete
    ? {
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `ReplicaSet "${name}" has successfully progressed.`,
      }
    : known?.reason === 'NewReplicaSetAvailable' && known.message.includes(`"${name}"`)
      ? { status: 'True', reason: known.reason, message: known.message }
      : leftMs <= 0
        ? {
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            message: `ReplicaSet "${name}" has timed out progressing.`,
          }
        : replicas === 0 && !known
          ? {
              status: 'True',
              reason: 'NewReplicaSetCreated',
              message: `Created new replica set "${name}"`,
            }
          : {
              status: 'True',
              reason: 'ReplicaSetUpdated',
              message: `ReplicaSet "${name}" is progressing.`,
            }
  const progressing = set({ type: 'Progressing', ...progress }, moved && !complete)

  const failure: Fields | undefined = current?.status?.conditions?.find(
    (one: Fields) => one.type === 'ReplicaFailure',
  )
  const failing = failure
    ? [
        set({
          type: 'ReplicaFailure',
          status: 'True',
          reason: failure.reason,
          message: failure.message,
        }),
      ]
    : []
  return {
    status: {
      observedGeneration: deployment.metadata.generation,
      ...counts,
      conditions: [availability, progressing, ...failing],
      ...(deployment.status?.collisionCount
        ? { collisionCount: deployment.status.collisionCount }
        : {}),
    },
    ...(complete || leftMs <= 0 ? {} : { againMs: leftMs }),
  }
}

function renewed(
  before: Condition | undefined,
  condition: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>,
  moved: boolean,
): Condition {
  const same =
    before?.status === condition.status &&
    before.reason === condition.reason &&
    before.message === condition.message
  if (before && same && !moved) return before
  const now = timestamp()
  return {
    type: condition.type,
    status: condition.status,
    lastUpdateTime: now,
    lastTransitionTime: before?.status === condition.status ? before.lastTransitionTime : now,
    reason: condition.reason,
    message: condition.message,
  }
}
