import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import {
  type CrdCondition,
  type CrdNames,
  type CrdSpec,
  crdCondition,
  crdResource,
  specOf,
} from './crd.ts'

const cleanup = 'customresourcecleanup.apiextensions.k8s.io'

/**
 * Accepts the names of CRDs, establishes them, and empties a kind before its CRD goes.
 * Must be the first to watch CRDs after the registry that serves their kinds.
 */
export function startCrds(client: ClusterClient, signal: AbortSignal): void {
  const waiting = new Set<string>()
  const emptying = new Set<string>()
  const enqueue = (name: string) => {
    if (waiting.has(name)) return
    waiting.add(name)
    queueMicrotask(() => {
      waiting.delete(name)
      if (signal.aborted || syncCrd(client, name) !== 'not empty' || emptying.has(name)) return
      emptying.add(name)
      whenEmpty(client, name, signal, () => {
        emptying.delete(name)
        enqueue(name)
      })
    })
  }
  client.watch(
    crdResource,
    ({ type, object }) => {
      enqueue(object.metadata.name)
      if (type !== 'DELETED') return
      // The names of the one that went may be what others wait for.
      for (const other of client.list(crdResource)) enqueue(other.metadata.name)
    },
    signal,
  )
}

/** Brings the status of one CRD to what its names ask for; one that is being deleted loses its objects first. */
function syncCrd(client: ClusterClient, name: string): 'done' | 'not empty' {
  const crd = client.find(crdResource, undefined, name)
  if (!crd) return 'done'
  if (crd.metadata.deletionTimestamp) return emptyKind(client, crd)
  if (!crd.metadata.finalizers?.includes(cleanup)) {
    const finalizers = [...(crd.metadata.finalizers ?? []), cleanup]
    client.patch(crdResource, undefined, name, { metadata: { finalizers } })
    return 'done'
  }
  const spec = specOf(crd)
  const { names, accepted } = acceptNames(spec, crd, client.list(crdResource))
  const conditions = withConditions(crd, [accepted, established(crd, accepted)])
  const status = { conditions, acceptedNames: names }
  const before = { conditions: crd.status?.conditions, acceptedNames: crd.status?.acceptedNames }
  if (JSON.stringify(status) !== JSON.stringify(before)) {
    client.patchStatus(crdResource, undefined, name, { status })
  }
  return 'done'
}

type Finding = Omit<CrdCondition, 'lastTransitionTime'>

function acceptNames(
  spec: CrdSpec,
  crd: KubeObject,
  all: KubeObject[],
): { names: CrdNames; accepted: Finding } {
  const others = all
    .filter((one) => one.metadata.name !== crd.metadata.name && specOf(one).group === spec.group)
    .map((one): Partial<CrdNames> => one.status?.acceptedNames ?? {})
  const resources = new Set(
    others.flatMap((one) => [one.plural, one.singular, ...(one.shortNames ?? [])]),
  )
  const kinds = new Set(others.flatMap((one) => [one.kind, one.listKind]))
  const { names } = spec
  const taken =
    problem('Plural', names.plural, resources) ??
    problem('Singular', names.singular, resources) ??
    names.shortNames?.map((one) => problem('ShortNames', one, resources)).find(Boolean) ??
    problem('Kind', names.kind, kinds) ??
    problem('ListKind', names.listKind, kinds)
  if (taken) {
    const kept: CrdNames = crd.status?.acceptedNames ?? { plural: '', kind: '' }
    return { names: kept, accepted: { type: 'NamesAccepted', status: 'False', ...taken } }
  }
  const fine = { reason: 'NoConflicts', message: 'no conflicts found' }
  return { names, accepted: { type: 'NamesAccepted', status: 'True', ...fine } }
}

function problem(
  what: string,
  name: string | undefined,
  used: ReadonlySet<string | undefined>,
): { reason: string; message: string } | undefined {
  if (!name || !used.has(name)) return undefined
  return { reason: `${what}Conflict`, message: `"${name}" is already in use` }
}

function established(crd: KubeObject, accepted: Finding): Finding {
  const before = crdCondition(crd, 'Established')
  if (before?.status === 'True' || accepted.status === 'True') {
    return {
      type: 'Established',
      status: 'True',
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    }
  }
  const message = 'not all names are accepted'
  return { type: 'Established', status: 'False', reason: 'NotAccepted', message }
}

function withConditions(crd: KubeObject, findings: Finding[]): CrdCondition[] {
  return findings.map((finding) => {
    const before = crdCondition(crd, finding.type)
    const same = before?.status === finding.status
    const { type, status, reason, message } = finding
    const lastTransitionTime = same ? before.lastTransitionTime : now()
    return { type, status, lastTransitionTime, reason, message }
  })
}

function emptyKind(client: ClusterClient, crd: KubeObject): 'done' | 'not empty' {
  const { name, finalizers = [] } = crd.metadata
  if (!finalizers.includes(cleanup)) return 'done'
  if (crdCondition(crd, 'Established')?.status === 'True') {
    for (const object of client.list(name)) {
      const { namespace, deletionTimestamp } = object.metadata
      if (!deletionTimestamp) client.remove(name, namespace, object.metadata.name)
    }
    if (client.list(name).length > 0) return 'not empty'
  }
  const rest = finalizers.filter((one) => one !== cleanup)
  client.patch(crdResource, undefined, name, { metadata: { finalizers: rest } })
  return 'done'
}

/** Objects with finalizers of their own leave when those are done. */
function whenEmpty(
  client: ClusterClient,
  name: string,
  signal: AbortSignal,
  onEmpty: () => void,
): void {
  const done = new AbortController()
  client.watch(
    name,
    ({ type }) => {
      if (type !== 'DELETED' || client.list(name).length > 0) return
      done.abort()
      onEmpty()
    },
    AbortSignal.any([signal, done.signal]),
  )
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}
