import { randomBytes } from 'node:crypto'
import type { ClusterClient, KubeObject } from '#server/devcluster/client.ts'

export type EventInput = {
  about: KubeObject
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  component: string
  /** The node, for events of the kubelet. */
  host?: string
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
    const now = `${new Date().toISOString().slice(0, 19)}Z`
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
        client.patch('events', known.namespace, known.name, {
          count: known.count,
          lastTimestamp: now,
        })
        return
      }
      const name = `${about.metadata.name}.${randomBytes(8).toString('hex')}`
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
        source: { component: input.component, ...(input.host ? { host: input.host } : {}) },
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
        type: input.type,
        eventTime: null,
        reportingComponent: input.component,
        reportingInstance: input.host ?? '',
      })
      if (recent.size >= recentMax) recent.clear()
      recent.set(key, { namespace, name, count: 1 })
    } catch {
      // Events are best effort: a namespace that is being deleted takes none.
    }
  }
}
