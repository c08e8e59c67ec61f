import { isRecord } from '#server/platform/model/is-record.ts'
import { flatten, shownValue } from './diff-objects.ts'
import type { PlannedChange } from './model-binding.ts'
import type { PlanObject } from './plan.ts'

type FieldChange = PlannedChange['fields'][number]

/**
 * Where a live object leads otherwise than planned: what is planned and missing or different, and whatever was added
 * where it leads somewhere (`spec`, and the ports of a slice), but for what the API server fills in. Labels, annotations
 * and owners that others added lead nowhere. Pure.
 */
export function leadDifferences(planned: PlanObject, live: unknown): FieldChange[] {
  const wanted = withoutOwners(flatten(planned))
  const there = withoutOwners(flatten(live))
  const paths = new Set([...wanted.keys(), ...[...there.keys()].filter(leads)])
  const differing = [...paths]
    .filter((path) => {
      if (!wanted.has(path)) return !isDefault(path, there.get(path), wanted)
      return !there.has(path) || shownValue(there.get(path)) !== shownValue(wanted.get(path))
    })
    .map((path) => ({ path, live: shownAt(there, path), planned: shownAt(wanted, path) }))
  return [...differing, ...ownerMissing(planned, live)]
}

export function objectDiffers(planned: PlanObject, live: unknown): boolean {
  return leadDifferences(planned, live).length > 0
}

/**
 * A JSON merge patch (RFC 7396) that makes a live object lead exactly where it is planned to: planned values as they
 * are, `null` for what was added. Server-side apply alone leaves what other managers added, such as another port.
 */
export function leadPatch(planned: PlanObject, live: unknown): Record<string, unknown> {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = planned
  const there = isRecord(live) ? live : {}
  const body = Object.entries(rest).map(([key, value]) => [
    key,
    exact(key, value, there[key], planned),
  ])
  return { ...Object.fromEntries(body), metadata: { labels: metadata.labels } }
}

function exact(path: string, planned: unknown, live: unknown, whole: PlanObject): unknown {
  if (!isRecord(planned) || !isRecord(live)) return planned
  const wanted = flatten(whole)
  const added = Object.keys(live).filter((key) => {
    const at = `${path}.${key}`
    return !(key in planned) && leads(at) && !isDefault(at, live[key], wanted)
  })
  const kept = Object.entries(planned).map(([key, value]) => [
    key,
    exact(`${path}.${key}`, value, live[key], whole),
  ])
  return { ...Object.fromEntries(kept), ...Object.fromEntries(added.map((key) => [key, null])) }
}

function leads(path: string): boolean {
  return /^(spec|ports|addressType)\b/.test(path)
}

/** Fields that the API server gives every Service, or that choose among the same endpoints. */
const chosenByServer =
  /^spec\.(clusterIPs?|ipFamilies|ipFamilyPolicy|sessionAffinity|sessionAffinityConfig|trafficDistribution)\b/
const defaults: Record<string, unknown> = {
  'spec.internalTrafficPolicy': 'Cluster',
  'spec.publishNotReadyAddresses': false,
}

function isDefault(path: string, live: unknown, wanted: Map<string, unknown>): boolean {
  if (path === 'spec.clusterIP' || path === 'spec.clusterIPs[0]') return live !== 'None'
  if (chosenByServer.test(path)) return true
  if (path in defaults) return live === defaults[path]
  // Where no target is planned, a port's is the port itself.
  const [, port] = /^(spec\.ports\[\d+\])\.targetPort$/.exec(path) ?? []
  return port !== undefined && live === wanted.get(`${port}.port`)
}

function withoutOwners(fields: Map<string, unknown>): Map<string, unknown> {
  return new Map(
    [...fields].filter(([path]) => !/^(apiVersion|kind)$|^metadata\.ownerReferences/.test(path)),
  )
}

/** Others may add owners, so the place in the list says nothing. */
function ownerMissing(planned: PlanObject, live: unknown): FieldChange[] {
  const uids = ownersOf(live)
  const missing = ownersOf(planned).filter((uid) => !uids.includes(uid))
  return missing.map((uid) => ({ path: 'metadata.ownerReferences', planned: uid }))
}

function ownersOf(object: unknown): string[] {
  const metadata = isRecord(object) ? object.metadata : undefined
  const owners = isRecord(metadata) ? metadata.ownerReferences : undefined
  if (!Array.isArray(owners)) return []
  return owners.flatMap((owner) =>
    isRecord(owner) && typeof owner.uid === 'string' ? owner.uid : [],
  )
}

function shownAt(values: Map<string, unknown>, path: string): string | undefined {
  return values.has(path) ? shownValue(values.get(path)) : undefined
}
