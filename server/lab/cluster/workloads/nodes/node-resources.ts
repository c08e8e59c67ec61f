import type { Resource } from '#server/lab/cluster/api/resource.ts'
import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { ageOf, columnsWith, integer, text } from '#server/lab/cluster/workloads/columns.ts'
import type { Fields } from '#server/lab/cluster/workloads/open-fields.ts'

export function nodeResource(): Resource {
  return {
    group: '',
    version: 'v1',
    plural: 'nodes',
    singular: 'node',
    kind: 'Node',
    namespaced: false,
    shortNames: ['no'],
    subresources: { status: true },
    schema: builtinSchema('V1Node'),
    selectableFields: { 'spec.unschedulable': (node) => String(node.spec?.unschedulable ?? false) },
    columns: columnsWith(
      [
        text('Status', (node) => {
          const ready = conditionOf(node, 'Ready')?.status === 'True' ? 'Ready' : 'NotReady'
          return node.spec?.unschedulable ? `${ready},SchedulingDisabled` : ready
        }),
        text('Roles', rolesText),
        text('Version', (node) => node.status?.nodeInfo?.kubeletVersion ?? ''),
      ],
      [
        text('Internal-IP', (node) => node.status?.addresses?.[0]?.address ?? '<none>'),
        text('External-IP', () => '<none>'),
        text('OS-Image', (node) => node.status?.nodeInfo?.osImage ?? '<unknown>'),
        text('Kernel-Version', (node) => node.status?.nodeInfo?.kernelVersion ?? '<unknown>'),
        text(
          'Container-Runtime',
          (node) => node.status?.nodeInfo?.containerRuntimeVersion ?? '<unknown>',
        ),
      ],
    ),
  }
}

function rolesText(node: KubeObject): string {
  const prefix = 'node-role.kubernetes.io/'
  const roles = Object.keys(node.metadata.labels ?? {}).filter((label) => label.startsWith(prefix))
  return roles.map((label) => label.slice(prefix.length)).join(',') || '<none>'
}

function conditionOf(object: KubeObject, type: string): Fields | undefined {
  return object.status?.conditions?.find((one: Fields) => one.type === type)
}

const byInvolved = [
  'kind',
  'namespace',
  'name',
  'uid',
  'apiVersion',
  'resourceVersion',
  'fieldPath',
]

/** Events of the core group, as kubectl lists and describes them. */
export function eventResource(): Resource {
  const columns = columnsWith([])
  return {
    group: '',
    version: 'v1',
    plural: 'events',
    singular: 'event',
    kind: 'Event',
    namespaced: true,
    shortNames: ['ev'],
    schema: builtinSchema('CoreV1Event'),
    defaults: (event) => {
      event.source ??= {}
      event.firstTimestamp ??= null
      event.lastTimestamp ??= null
      event.eventTime ??= null
      event.reportingComponent ??= ''
      event.reportingInstance ??= ''
    },
    selectableFields: {
      ...Object.fromEntries(
        byInvolved.map((field) => [
          `involvedObject.${field}`,
          (event: KubeObject) => event.involvedObject?.[field] ?? '',
        ]),
      ),
      reason: (event) => event.reason ?? '',
      reportingComponent: (event) => event.reportingComponent ?? '',
      source: (event) => event.source?.component || event.reportingComponent || '',
      type: (event) => event.type ?? '',
    },
    columns: [
      text('Last Seen', (event) =>
        ageOf(event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp),
      ),
      text('Type', (event) => event.type ?? ''),
      text('Reason', (event) => event.reason ?? ''),
      text(
        'Object',
        (event) =>
          `${String(event.involvedObject?.kind).toLowerCase()}/${event.involvedObject?.name}`,
      ),
      text('Message', (event) => String(event.message ?? '').trim()),
      ...[
        text('Subobject', (event) => event.involvedObject?.fieldPath ?? ''),
        text('Source', (event) =>
          [event.source?.component, event.source?.host].filter(Boolean).join(', '),
        ),
        text('First Seen', (event) => ageOf(event.firstTimestamp ?? event.eventTime)),
        integer('Count', (event) => event.count ?? 1),
        ...columns.slice(0, 1),
      ].map((one) => ({ ...one, priority: 1 })),
    ],
  }
}
