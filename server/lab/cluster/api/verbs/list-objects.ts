import type { Api } from '#server/lab/cluster/api/api.ts'
import { type Served, tableOf } from '#server/lab/cluster/api/registry.ts'
import { badRequest, expired, invalid } from '#server/lab/cluster/api/status.ts'
import {
  type Matches,
  parseFieldSelector,
  parseLabelSelector,
} from '#server/lab/cluster/api/store/selectors.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'

export type ListOptions = {
  namespace: string | undefined
  limit: number
  continue: string
  resourceVersion: string
  resourceVersionMatch: string
  matches: Matches
  /** With a selector nobody counts what remains. */
  hasSelector: boolean
}

export type Page = {
  items: KubeObject[]
  resourceVersion: string
  continue?: string
  remaining?: number
}

export function listOptions(
  served: Served,
  namespace: string | undefined,
  name: string | undefined,
  query: URLSearchParams,
): ListOptions {
  const labelSelector = query.get('labelSelector') ?? ''
  const fieldSelector = query.get('fieldSelector') ?? ''
  const byLabel = parseLabelSelector(labelSelector)
  const byField = parseFieldSelector(fieldSelector, served.resource.selectableFields)
  const limit = Number(query.get('limit') ?? '0')
  if (!Number.isInteger(limit))
    throw badRequest(`strconv.ParseInt: parsing "${query.get('limit')}": invalid syntax`)
  return {
    namespace,
    limit: Math.max(0, limit),
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    matches: (object) =>
      (name === undefined || object.metadata.name === name) && byLabel(object) && byField(object),
    hasSelector: labelSelector !== '' || fieldSelector !== '',
  }
}

/** One page of a list. Later pages show the cluster as it was at the first one. */
export function listObjects(api: Api, served: Served, options: ListOptions): Page {
  const token = options.continue === '' ? undefined : parseToken(options.continue)
  if (token && options.resourceVersion !== '' && options.resourceVersion !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
  checkMatch(served, options)
  const exact =
    options.resourceVersionMatch === 'Exact' ? Number(options.resourceVersion) : undefined
  const revision = token?.rv ?? exact ?? api.store.revision()
  const all = objectsAt(api, served, options.namespace, revision)
  const from = token ? all.findIndex((one) => keyOf(one) > token.start) : 0
  const rest = from < 0 ? [] : all.slice(from)
  const resourceVersion = String(revision)
  if (options.limit === 0) return { items: rest.filter(options.matches), resourceVersion }

  const items: KubeObject[] = []
  for (const [index, object] of rest.entries()) {
    if (!options.matches(object)) continue
    items.push(object)
    if (items.length < options.limit) continue
    const remaining = rest.length - index - 1
    // With a selector, the rest may hold nothing that matches: the page ends only where something follows.
    const more = options.hasSelector ? rest.slice(index + 1).some(options.matches) : remaining > 0
    if (!more) break
    const next = tokenText({ rv: revision, start: keyOf(object) })
    return {
      items,
      resourceVersion,
      continue: next,
      ...(options.hasSelector ? {} : { remaining }),
    }
  }
  return { items, resourceVersion }
}

/** The objects as they were at a revision, by undoing what came after. */
function objectsAt(
  api: Api,
  { resource }: Served,
  namespace: string | undefined,
  revision: number,
): KubeObject[] {
  const { store } = api
  const table = tableOf(resource)
  if (revision >= store.revision()) return store.list(table, namespace)
  if (revision < store.compactedRevision())
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    )
  const objects = new Map(store.list(table, namespace).map((one) => [keyOf(one), one]))
  for (const change of store.changesSince(table, revision).reverse()) {
    if (namespace !== undefined && change.object.metadata.namespace !== namespace) continue
    if (change.previous) objects.set(keyOf(change.previous), change.previous)
    else objects.delete(keyOf(change.object))
  }
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
}

function checkMatch({ resource }: Served, options: ListOptions): void {
  const { resourceVersion, resourceVersionMatch: match } = options
  if (resourceVersion !== '' && !/^\d+$/.test(resourceVersion))
    throw badRequest(
      `resourceVersion: Invalid value: "${resourceVersion}": strconv.ParseUint: parsing "${resourceVersion}": invalid syntax`,
    )
  if (match === '') return
  const kind = { group: 'meta.k8s.io', kind: 'ListOptions' }
  const field = 'resourceVersionMatch'
  if (!['Exact', 'NotOlderThan'].includes(match))
    throw invalid(kind, '', [
      {
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`,
        field,
      },
    ])
  if (resourceVersion === '')
    throw invalid({ ...kind, kind: `${resource.kind}ListOptions` }, '', [
      {
        reason: 'FieldValueForbidden',
        message: 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
        field,
      },
    ])
}

type Token = { rv: number; start: string }

function tokenText({ rv, start }: Token): string {
  const json = JSON.stringify({ v: 'meta.k8s.io/v1', rv, start: `${start}\u0000` })
  return Buffer.from(json).toString('base64url')
}

function parseToken(text: string): Token {
  const decoded = Buffer.from(text, 'base64url')
  let value: { v?: unknown; rv?: unknown; start?: unknown } = {}
  try {
    value = JSON.parse(decoded.toString('utf8'))
  } catch {
    const first = decoded[0] ?? 0
    const shown = first < 0x80 ? String.fromCharCode(first) : `\\x${first.toString(16)}`
    throw badRequest(
      `invalid continue token: continue key is not valid: invalid character '${shown}' looking for beginning of value`,
    )
  }
  if (
    typeof value.rv !== 'number' ||
    typeof value.start !== 'string' ||
    value.v !== 'meta.k8s.io/v1'
  )
    throw badRequest(
      'invalid continue token: continue key is not valid: server does not recognize this encoded version',
    )
  return { rv: value.rv, start: value.start.split('\u0000')[0] ?? '' }
}

function keyOf({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`
}
