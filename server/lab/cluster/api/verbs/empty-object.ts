import type { Served } from '#server/lab/cluster/api/registry.ts'

const podTemplate = { metadata: {}, spec: { containers: null } }

/** Parts of new built-in objects that are there before anybody sets them, so that nobody owns them. */
const shapes: Record<string, object> = {
  Pod: { spec: { containers: null } },
  Deployment: { spec: { selector: null, strategy: {}, template: podTemplate } },
  ReplicaSet: { spec: { selector: null, template: podTemplate } },
  StatefulSet: { spec: { selector: null, updateStrategy: {}, template: podTemplate } },
  DaemonSet: { spec: { selector: null, updateStrategy: {}, template: podTemplate } },
  Job: { spec: { template: podTemplate } },
}

/** What a new object is compared with to see which fields its creator set. */
export function emptyObject({ resource }: Served): object {
  if (resource.custom) return { metadata: {} }
  return { metadata: {}, spec: {}, status: {}, ...shapes[resource.kind] }
}
