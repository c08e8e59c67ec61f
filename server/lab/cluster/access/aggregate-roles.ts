import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { type LabelSelector, selectorMatches } from '#server/lab/cluster/network/label-selector.ts'
import { type PolicyRule, rbacGroup, rulesOf } from './rbac-objects.ts'

const clusterRoles = `clusterroles.${rbacGroup}`

/** Keeps every ClusterRole with an `aggregationRule` the sum of the roles that its selectors choose. */
export function startRoleAggregation(client: ClusterClient, signal: AbortSignal): void {
  let isQueued = false
  const aggregateSoon = () => {
    if (isQueued) return
    isQueued = true
    queueMicrotask(() => {
      isQueued = false
      if (!signal.aborted) aggregateRoles(client)
    })
  }
  client.watch(clusterRoles, aggregateSoon, signal)
}

/** One pass; roles that aggregate others that aggregate are complete after the next, which this one causes. */
function aggregateRoles(client: ClusterClient): void {
  const roles = client.list(clusterRoles)
  for (const role of roles) {
    const selectors: LabelSelector[] | undefined = role.aggregationRule?.clusterRoleSelectors
    if (!Array.isArray(selectors) || role.metadata.deletionTimestamp) continue
    const rules = sumOf(roles, role, selectors)
    if (JSON.stringify(rules) === JSON.stringify(rulesOf(role))) continue
    client.patch(clusterRoles, undefined, role.metadata.name, { rules })
  }
}

function sumOf(roles: KubeObject[], sum: KubeObject, selectors: LabelSelector[]): PolicyRule[] {
  const chosen = roles
    .filter((one) => one.metadata.name !== sum.metadata.name)
    .filter((one) => selectors.some((selector) => selectorMatches(selector, one.metadata.labels)))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  const rules = new Map<string, PolicyRule>()
  for (const rule of chosen.flatMap(rulesOf)) rules.set(JSON.stringify(rule), rule)
  return [...rules.values()]
}
