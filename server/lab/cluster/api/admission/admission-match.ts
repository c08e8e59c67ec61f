import type { Resource, WriteContext } from '#server/lab/cluster/api/resource.ts'
import type { Store } from '#server/lab/cluster/api/store/store.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { type LabelSelector, selectorMatches } from '#server/lab/cluster/network/label-selector.ts'

type NamedRule = {
  resourceNames?: string[]
  apiGroups?: string[]
  apiVersions?: string[]
  resources?: string[]
  operations?: string[]
}

/** `matchConstraints` of a policy, or `matchResources` of its binding. */
export type MatchResources = {
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  resourceRules?: NamedRule[]
  excludeResourceRules?: NamedRule[]
}

/** One write as admission sees it; `name` is the request's, empty where the server generates one. */
export type AdmittedWrite = {
  resource: Resource
  name: string
  object: KubeObject
  old: KubeObject | undefined
  context: WriteContext
}

/**
 * Whether a write is among those that a policy names, in the order of the API server's matcher: namespace, object,
 * excluded rules, rules (a binding without rules narrows nothing).
 */
export function matchesResources(
  store: Store,
  { namespaceSelector, objectSelector, resourceRules, excludeResourceRules }: MatchResources,
  write: AdmittedWrite,
  without: 'rules-none' | 'rules-all',
): boolean {
  if (!namespaceMatches(store, namespaceSelector, write)) return false
  if (!objectMatches(objectSelector, write)) return false
  if ((excludeResourceRules ?? []).some((rule) => ruleMatches(rule, write))) return false
  if (!resourceRules?.length) return without === 'rules-all'
  return resourceRules.some((rule) => ruleMatches(rule, write))
}

function namespaceMatches(
  store: Store,
  selector: LabelSelector | undefined,
  { resource, object }: AdmittedWrite,
): boolean {
  if (!selector || isEmpty(selector)) return true
  if (resource.kind === 'Namespace' && resource.group === '')
    return selectorMatches(selector, object.metadata.labels)
  const { namespace } = object.metadata
  // What lies in no namespace is not selected by one, so it is never left out either.
  if (!namespace) return true
  return selectorMatches(
    selector,
    store.get('namespaces', undefined, namespace)?.metadata.labels ?? {},
  )
}

function objectMatches(
  selector: LabelSelector | undefined,
  { object, old }: AdmittedWrite,
): boolean {
  if (!selector || isEmpty(selector)) return true
  return (
    selectorMatches(selector, object.metadata.labels) ||
    (old !== undefined && selectorMatches(selector, old.metadata.labels))
  )
}

function isEmpty({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0
}

function ruleMatches(rule: NamedRule, { resource, name, old, context }: AdmittedWrite): boolean {
  const { subresource } = context
  const requested = subresource ? `${resource.plural}/${subresource}` : resource.plural
  const any = subresource ? [`${resource.plural}/*`, `*/${subresource}`] : ['*']
  const names = rule.resourceNames ?? []
  return (
    lists(rule.apiGroups, resource.group) &&
    lists(rule.apiVersions, resource.version) &&
    (rule.resources ?? []).some((one) => [requested, '*/*', ...any].includes(one)) &&
    lists(rule.operations, old ? 'UPDATE' : 'CREATE') &&
    (names.length === 0 || names.includes(name))
  )
}

function lists(listed: string[] | undefined, wanted: string): boolean {
  return (listed ?? []).some((one) => one === '*' || one === wanted)
}
