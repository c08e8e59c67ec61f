import type { KubeObject } from '#server/lab/cluster/client.ts'
import type { Schema } from '#server/lab/cluster/crd/schema/schema.ts'
import { compareValues } from './compare.ts'
import {
  difference,
  emptySet,
  equalSets,
  type FieldSet,
  fromFieldsV1,
  intersection,
  isEmpty,
  toFieldsV1,
  union,
} from './field-set.ts'
import { isMap } from './typed-value.ts'

/** One owner of fields: a name, how it writes, in which version and to which subresource. */
export type Manager = {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  subresource?: string
  time: string
  fields: FieldSet
}

export type Writer = { manager: string; apiVersion: string; subresource?: string; now: string }

/** Metadata that the server owns, or that names the object. */
const unmanaged: readonly string[][] = [
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'selfLink',
    'managedFields',
  ].map((field) => ['f:metadata', `f:${field}`]),
]

export function managersOf(object: KubeObject): Manager[] {
  return (object.metadata.managedFields ?? []).filter(isMap).map((entry) => ({
    manager: String(entry.manager ?? ''),
    operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
    apiVersion: String(entry.apiVersion ?? ''),
    ...(entry.subresource ? { subresource: String(entry.subresource) } : {}),
    time: String(entry.time ?? ''),
    fields: fromFieldsV1(entry.fieldsV1),
  }))
}

/** Writes the owners into the object; nothing stays where nobody owns anything. */
export function writeManagers(object: KubeObject, managers: Manager[]): void {
  const entries = managers
    .filter((one) => one.operation === 'Apply' || !isEmpty(one.fields))
    .sort(byOperationAndTime)
    .map(({ fields, time, manager, operation, apiVersion, subresource }) => ({
      manager,
      operation,
      apiVersion,
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource ? { subresource } : {}),
    }))
  if (entries.length > 0) object.metadata.managedFields = entries
  else delete object.metadata.managedFields
}

/** Gives a writer what it changed, and takes that from everybody else. `object` receives the owners. */
export function trackUpdate(
  before: KubeObject | object,
  object: KubeObject,
  managers: Manager[],
  schema: Schema,
  writer: Writer,
): void {
  const { added, modified, removed } = compareValues(before, object, schema)
  const changed = withoutUnmanaged(union(added, modified))
  const gone = withoutUnmanaged(removed)
  const others = managers.map((one) => {
    if (isSameWriter(one, writer, 'Update')) return one
    return { ...one, fields: difference(one.fields, union(changed, gone)) }
  })
  const own = others.find((one) => isSameWriter(one, writer, 'Update'))
  const fields = union(difference(own?.fields ?? emptySet(), gone), changed)
  const kept = others.filter((one) => one !== own)
  const time = own && equalSets(own.fields, fields) ? own.time : writer.now
  const { manager, apiVersion, subresource } = writer
  writeManagers(object, [
    ...kept,
    {
      manager,
      operation: 'Update',
      apiVersion,
      ...(subresource ? { subresource } : {}),
      time,
      fields,
    },
  ])
}

export function isSameWriter(
  one: Manager,
  writer: Writer,
  operation: Manager['operation'],
): boolean {
  return (
    one.operation === operation &&
    one.manager === writer.manager &&
    one.apiVersion === writer.apiVersion &&
    (one.subresource ?? '') === (writer.subresource ?? '')
  )
}

/** Drops the paths that nobody can own. */
export function withoutUnmanaged(set: FieldSet): FieldSet {
  const copy = intersection(set, set)
  for (const path of unmanaged) {
    const [first = '', second] = path
    const parent = second === undefined ? copy : copy.children.get(first)
    const key = second ?? first
    const node = parent?.children.get(key)
    if (!parent || !node) continue
    if (key === 'f:metadata') node.self = false
    else parent.children.delete(key)
  }
  const metadata = copy.children.get('f:metadata')
  if (metadata && isEmpty(metadata)) copy.children.delete('f:metadata')
  return copy
}

function byOperationAndTime(a: Manager, b: Manager): number {
  if (a.operation !== b.operation) return a.operation === 'Apply' ? -1 : 1
  return a.time < b.time ? -1 : a.time > b.time ? 1 : a.manager < b.manager ? -1 : 1
}
