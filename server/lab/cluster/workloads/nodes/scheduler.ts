import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import type { Fields } from '#server/lab/cluster/workloads/open-fields.ts'
import { keyOf, splitKey, timestamp } from '#server/lab/cluster/workloads/pods/pod-facts.ts'
import { reconcileQueue } from '#server/lab/cluster/workloads/reconcile-queue.ts'
import { eventRecorder } from '#server/lab/cluster/workloads/record-event.ts'
import { unschedulableReason } from './schedule-pod.ts'

const retryMs = 5000
const component = 'default-scheduler'

/** Assigns pods to the one node, or says on the pod why it cannot. */
export function startScheduler(client: ClusterClient, nodeName: string, signal: AbortSignal) {
  const record = eventRecorder(client)
  const waiting = new Set<string>()

  const queue = reconcileQueue((key) => {
    waiting.delete(key)
    const { namespace, name } = splitKey(key)
    const pod = client.find('pods', namespace, name)
    const node = client.find('nodes', undefined, nodeName)
    if (!pod || !node || pod.spec.nodeName || pod.metadata.deletionTimestamp) return undefined
    if (pod.spec.schedulerName !== component || pod.spec.schedulingGates?.length) return undefined

    const why =
      missingClaim(client, pod) ?? unschedulableReason(pod, node, podsOn(client, nodeName))
    if (why) {
      waiting.add(key)
      setCondition(client, pod, { status: 'False', reason: 'Unschedulable', message: why })
      record({
        about: pod,
        type: 'Warning',
        reason: 'FailedScheduling',
        message: why,
        component,
        action: 'Scheduling',
      })
      return retryMs
    }
    const bound = client.patch('pods', namespace, name, { spec: { nodeName } })
    setCondition(client, bound, { status: 'True' })
    record({
      about: pod,
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${namespace}/${name} to ${nodeName}`,
      component,
      action: 'Binding',
    })
    return undefined
  }, signal)

  client.watch(
    'pods',
    ({ type, object }) => {
      if (type !== 'DELETED' && !object.spec.nodeName) {
        // Its own status updates must not make it try again at once.
        if (!waiting.has(keyOf(object))) queue.add(keyOf(object))
      } else if (type === 'DELETED' || ['Succeeded', 'Failed'].includes(object.status?.phase))
        for (const key of waiting) queue.add(key)
    },
    signal,
  )
}

function podsOn(client: ClusterClient, nodeName: string): KubeObject[] {
  return client
    .list('pods')
    .filter(
      (pod) =>
        pod.spec.nodeName === nodeName && !['Succeeded', 'Failed'].includes(pod.status?.phase),
    )
}

function missingClaim(client: ClusterClient, pod: KubeObject): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const claim: string | undefined = volume.persistentVolumeClaim?.claimName
    if (claim && !client.find('persistentvolumeclaims', pod.metadata.namespace, claim))
      return `0/1 nodes are available: persistentvolumeclaim "${claim}" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`
  }
  return undefined
}

function setCondition(
  client: ClusterClient,
  pod: KubeObject,
  condition: { status: string; reason?: string; message?: string },
) {
  const current: Fields[] = pod.status?.conditions ?? []
  const before = current.find((one) => one.type === 'PodScheduled')
  if (before?.status === condition.status && before?.message === condition.message) return
  const lastTransitionTime =
    before?.status === condition.status ? before.lastTransitionTime : timestamp()
  const conditions = [
    ...current.filter((one) => one.type !== 'PodScheduled'),
    { type: 'PodScheduled', lastProbeTime: null, lastTransitionTime, ...condition },
  ]
  client.replaceStatus('pods', { ...pod, status: { ...pod.status, conditions } })
}
