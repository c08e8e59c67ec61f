import type { Resource } from '#server/lab/cluster/api/resource.ts'
import { labelProblem } from '#server/lab/cluster/api/verbs/object-meta.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import {
  type Cause,
  child,
  duplicateValue,
  element,
  forbiddenValue,
  invalidValue,
} from '#server/lab/cluster/crd/causes.ts'
import { plainResource, text } from './plain-resource.ts'

const dataKey = /^[-._a-zA-Z0-9]+$/
const dataKeyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
const dataBytesMax = 1024 * 1024

/** Kinds of the core group that are not a workload. */
export function coreResources(): Resource[] {
  return [
    namespaces(),
    configMaps(),
    secrets(),
    plainResource({
      kind: 'ServiceAccount',
      plural: 'serviceaccounts',
      shortNames: ['sa'],
      between: [text('Secrets', (object) => (object.secrets ?? []).length)],
    }),
    plainResource({
      kind: 'PersistentVolumeClaim',
      plural: 'persistentvolumeclaims',
      shortNames: ['pvc'],
      subresources: { status: true },
      prepareForCreate: (claim) => {
        claim.status = { phase: 'Pending' }
      },
      defaults: (claim) => {
        if (claim.spec) claim.spec.volumeMode ??= 'Filesystem'
      },
      between: [
        text('Status', (claim) => claim.status?.phase ?? ''),
        text('Volume', (claim) => claim.spec?.volumeName ?? ''),
        text('Capacity', (claim) => claim.status?.capacity?.storage ?? ''),
        text('Access Modes', (claim) => (claim.status?.accessModes ?? []).join(',')),
        text('StorageClass', (claim) => claim.spec?.storageClassName ?? ''),
      ],
    }),
    plainResource({
      kind: 'PersistentVolume',
      plural: 'persistentvolumes',
      namespaced: false,
      shortNames: ['pv'],
      subresources: { status: true },
    }),
    plainResource({
      kind: 'ResourceQuota',
      plural: 'resourcequotas',
      shortNames: ['quota'],
      subresources: { status: true },
    }),
    plainResource({ kind: 'LimitRange', plural: 'limitranges', shortNames: ['limits'] }),
    plainResource({ kind: 'PodTemplate', plural: 'podtemplates' }),
    plainResource({
      kind: 'ReplicationController',
      plural: 'replicationcontrollers',
      shortNames: ['rc'],
      categories: ['all'],
      generations: true,
      subresources: { status: true },
    }),
  ]
}

function namespaces(): Resource {
  return plainResource({
    kind: 'Namespace',
    plural: 'namespaces',
    namespaced: false,
    shortNames: ['ns'],
    subresources: { status: true },
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    validateName: labelProblem,
    defaults(namespace) {
      namespace.metadata.labels = {
        ...namespace.metadata.labels,
        'kubernetes.io/metadata.name': namespace.metadata.name,
      }
    },
    prepareForCreate(namespace) {
      const given: string[] = namespace.spec?.finalizers ?? []
      namespace.spec = { finalizers: [...new Set([...given, 'kubernetes'])] }
      namespace.status = { phase: 'Active' }
    },
    prepareForUpdate(namespace, old, { subresource }) {
      // Only the `finalize` subresource lets go of the namespace.
      if (subresource !== 'finalize') namespace.spec = structuredClone(old.spec)
    },
    selectableFields: { 'status.phase': (namespace) => namespace.status?.phase ?? '' },
    between: [text('Status', (namespace) => namespace.status?.phase ?? '')],
  })
}

function configMaps(): Resource {
  return plainResource({
    kind: 'ConfigMap',
    plural: 'configmaps',
    shortNames: ['cm'],
    validate: (object, old) => [
      ...validateData(object, ['data', 'binaryData']),
      ...validateImmutable(object, old, ['data', 'binaryData']),
    ],
    between: [
      text(
        'Data',
        (object) => sizeOf(object.data) + sizeOf(object.binaryData),
        "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
      ),
    ],
  })
}

function secrets(): Resource {
  return plainResource({
    kind: 'Secret',
    plural: 'secrets',
    defaults(secret) {
      secret.type ||= 'Opaque'
      const given: Record<string, string> = secret.stringData ?? {}
      for (const [key, value] of Object.entries(given))
        secret.data = { ...secret.data, [key]: Buffer.from(value).toString('base64') }
      delete secret.stringData
    },
    validate: (secret, old) => [
      ...validateData(secret, ['data']),
      ...validateImmutable(secret, old, ['data']),
      ...(old && old.type !== secret.type
        ? [invalidValue('type', secret.type, 'field is immutable')]
        : []),
    ],
    selectableFields: { type: (secret) => secret.type ?? '' },
    between: [
      text('Type', (secret) => secret.type ?? ''),
      text('Data', (secret) => sizeOf(secret.data)),
    ],
  })
}

function validateData(object: KubeObject, fields: string[]): Cause[] {
  const seen = new Set<string>()
  const causes: Cause[] = []
  let bytes = 0
  for (const field of fields) {
    for (const [key, value] of Object.entries(object[field] ?? {})) {
      bytes += Buffer.byteLength(String(value))
      const at = element(field, key)
      if (key.length > 253) causes.push(invalidValue(at, key, 'must be no more than 253 bytes'))
      else if (!dataKey.test(key)) causes.push(invalidValue(at, key, dataKeyText))
      if (seen.has(key)) causes.push(duplicateValue(at, key))
      seen.add(key)
    }
  }
  if (bytes > dataBytesMax)
    causes.push({
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${dataBytesMax} bytes`,
      field: fields.length > 1 ? '' : 'data',
    })
  return causes
}

function validateImmutable(
  object: KubeObject,
  old: KubeObject | undefined,
  fields: string[],
): Cause[] {
  if (!old?.immutable) return []
  const detail = 'field is immutable when `immutable` is set'
  const causes = fields
    .filter((field) => JSON.stringify(object[field] ?? {}) !== JSON.stringify(old[field] ?? {}))
    .map((field) => forbiddenValue(field, detail))
  return object.immutable ? causes : [forbiddenValue(child('', 'immutable'), detail), ...causes]
}

function sizeOf(data: object | undefined): number {
  return Object.keys(data ?? {}).length
}
