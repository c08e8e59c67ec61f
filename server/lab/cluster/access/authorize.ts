import { forbidden, StatusError } from '#server/lab/cluster/api/status.ts'
import type { Attributes, Decision, User } from '#server/lab/cluster/api/user.ts'
import type { ClusterClient } from '#server/lab/cluster/client.ts'
import { ruleAllows, rulesFor } from './rules.ts'

/** Who may everything, whatever the roles say. */
export const mastersGroup = 'system:masters'

/** Whether RBAC allows what a user asks, and by which binding. */
export function authorize(client: ClusterClient, user: User, asked: Attributes): Decision {
  if (user.groups.includes(mastersGroup)) return { allowed: true, reason: '' }
  const missing = new Set<string>()
  const namespace = 'path' in asked ? undefined : asked.namespace
  for (const applied of rulesFor(client, user, namespace)) {
    if ('missing' in applied) missing.add(applied.missing)
    else if (ruleAllows(applied.rule, asked)) {
      return { allowed: true, reason: `RBAC: allowed by ${applied.why}` }
    }
  }
  return { allowed: false, reason: aggregated([...missing]) }
}

/** The 403 that answers a refused request, in the API server's words. */
export function forbiddenError(user: User, asked: Attributes, reason: string): StatusError {
  const because = reason === '' ? '' : `: ${reason}`
  const subject = `User "${user.username}" cannot ${asked.verb}`
  if ('path' in asked) {
    const why = `forbidden: ${subject} path "${asked.path}"${because}`
    return new StatusError(403, 'Forbidden', why, {})
  }
  const full = asked.subresource ? `${asked.resource}/${asked.subresource}` : asked.resource
  const where = asked.namespace ? `in the namespace "${asked.namespace}"` : 'at the cluster scope'
  const why = `${subject} resource "${full}" in API group "${asked.group}" ${where}${because}`
  return forbidden({ group: asked.group, plural: asked.resource, kind: '' }, asked.name ?? '', why)
}

function aggregated(errors: string[]): string {
  if (errors.length === 0) return ''
  return `RBAC: ${errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`}`
}
