import { isRecord } from '#server/platform/model/is-record.ts'
import type { PlannedChange } from './model-binding.ts'
import type { PlanObject, PlanTarget } from './plan.ts'

type Json = unknown
const fieldsMax = 200
const valueMax = 2000

/** What the server keeps for itself: no part of anybody's plan. */
const serverFields =
  /^(metadata\.(managedFields|resourceVersion|uid|creationTimestamp|generation|selfLink)|status)(\.|\[|$)/

/** Creating: exactly what the plan says, without the defaults that the server adds. */
export function createChange(target: PlanTarget, planned: PlanObject): PlannedChange {
  const fields = [...flatten(planned)]
    .filter(([path]) => !isIdentity(path))
    .map(([path, value]) => ({ path, planned: shownValue(value) }))
  return { ...target, change: 'create', fields: fields.slice(0, fieldsMax) }
}

/**
 * Updating: where the live object and the server's dry run of the plan differ. With the plan itself at hand, what only
 * defaults would add is left out.
 */
export function updateChange(
  target: PlanTarget,
  live: Json,
  dryRun: Json,
  planned?: PlanObject,
): PlannedChange {
  const before = flatten(live)
  const after = flatten(dryRun)
  const meant = planned && flatten(planned)
  const isDefault = (path: string) => meant && !before.has(path) && !meant.has(path)
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => !serverFields.test(path) && !isIdentity(path) && !isDefault(path),
  )
  const fields = paths
    .map((path) => ({ path, live: shown(before, path), planned: shown(after, path) }))
    .filter((field) => field.live !== field.planned)
  const change = fields.length > 0 ? 'update' : 'unchanged'
  return { ...target, change, fields: fields.slice(0, fieldsMax) }
}

export function deleteChange(target: PlanTarget, live: Json): PlannedChange {
  const fields = [...flatten(live)]
    .filter(([path]) => path.startsWith('spec.'))
    .map(([path, value]) => ({ path, live: shownValue(value) }))
  return { ...target, change: 'delete', fields: fields.slice(0, fieldsMax) }
}

export function conflictChange(target: PlanTarget, message: string): PlannedChange {
  return { ...target, change: 'conflict', fields: [], message: message.slice(0, 2000) }
}

/** A cluster that refuses to be asked about one object says nothing of the others. */
export function unknownChange(target: PlanTarget, why: string): PlannedChange {
  const object = `${target.kind} ${target.namespace}/${target.name}`
  const message = `${object} cannot be compared with what was approved: ${why}`.slice(0, 2000)
  return { ...target, change: 'unknown', fields: [], message }
}

/** An object of that name is there, and no binding of ours has made it. */
export function foreignChange(target: PlanTarget): PlannedChange {
  return conflictChange(target, foreignMessage(target))
}

export function foreignMessage({ kind, name, namespace }: PlanTarget): string {
  return `Namespace ${namespace} already has a ${kind} ${name} that does not belong to this binding. Choose another alias, or remove it.`
}

/** Leaves by path: `spec.ports[0].port`. Empty objects and lists are leaves too. */
export function flatten(value: Json, path = '', into = new Map<string, Json>()): Map<string, Json> {
  if (Array.isArray(value) && value.length > 0) {
    value.forEach((member, index) => {
      flatten(member, `${path}[${index}]`, into)
    })
  } else if (isRecord(value) && Object.keys(value).length > 0) {
    for (const [key, member] of Object.entries(value)) {
      const step = /^[\w-]+$/.test(key) ? `${path ? '.' : ''}${key}` : `["${key}"]`
      flatten(member, `${path}${step}`, into)
    }
  } else if (value !== undefined) into.set(path, value)
  return into
}

function isIdentity(path: string): boolean {
  return ['apiVersion', 'kind', 'metadata.name', 'metadata.namespace'].includes(path)
}

function shown(values: Map<string, Json>, path: string): string | undefined {
  return values.has(path) ? shownValue(values.get(path)) : undefined
}

/** A leaf as it is compared and shown; a long one is cut. */
export function shownValue(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > valueMax ? `${text.slice(0, valueMax)}…` : text
}
