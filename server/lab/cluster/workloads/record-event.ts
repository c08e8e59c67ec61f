import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { nowNs, rfc3339 } from '#server/lab/cluster/kubelet/clock.ts'

export type EventInput = {
  about: KubeObject
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  component: string
  /** The node, for events of the kubelet. */
  host?: string
  /** What was done about it: given by components that write events.k8s.io, as the scheduler does. */
  action?: string
  /** E.g. `spec.containers{web}`. */
  fieldPath?: string
}

const recentMax = 4096

/** Writes Events; the same one again only counts up, as a recorder of client-go does. */
export function eventRecorder(client: ClusterClient): (input: EventInput) => void {
  const recent = new Map<string, { namespace: string; name: string; count: number }>()

  return (input) => {
    const { about } = input
    const namespace = about.metadata.namespace ?? 'default'
    const now = rfc3339()
    const micro = new Date().toISOString().replace('Z', '000Z')
    const key = [
      about.metadata.uid,
      input.type,
      input.reason,
      input.message,
      input.component,
      input.fieldPath,
    ].join('\n')
    const known = recent.get(key)
    try {
      if (known && client.find('events', known.namespace, known.name)) {
        known.count += 1
        client.patch(
          'events',
          known.namespace,
          known.name,
          input.action
            ? { series: { count: known.count, lastObservedTime: micro } }
            : { count: known.count, lastTimestamp: now },
        )
        return
      }
      // The time in the name keeps events in order wherever they are listed.
      const name = `${about.metadata.name}.${nowNs().toString(16)}`
      client.create('events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace },
        involvedObject: {
          kind: about.kind,
          ...(about.metadata.namespace ? { namespace: about.metadata.namespace } : {}),
          name: about.metadata.name,
          uid: about.metadata.uid,
          apiVersion: about.apiVersion,
          resourceVersion: about.metadata.resourceVersion,
          ...(input.fieldPath ? { fieldPath: input.fieldPath } : {}),
        },
        reason: input.reason,
        message: input.message,
        type: input.type,
        reportingComponent: input.component,
        ...(input.action
          ? {
              action: input.action,
              source: {},
              firstTimestamp: null,
              lastTimestamp: null,
              eventTime: micro,
              reportingInstance: `${input.component}-embedded`,
            }
          : {
              source: { component: input.component, ...(input.host ? { host: input.host } : {}) },
              firstTimestamp: now,
              lastTimestamp: now,
              count: 1,
              eventTime: null,
              reportingInstance: input.host ?? '',
            }),
      })
      if (recent.size >= recentMax) recent.clear()
      recent.set(key, { namespace, name, count: 1 })
    } catch {
      // Events are best effort: a namespace that is being deleted takes none.
    }
  }
}
