import { AppError } from '#server/platform/model/errors.ts'
import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'

export type Query = Record<string, string | number | boolean | undefined>

/** `/apis/<group>/<version>/namespaces/<namespace>/<plural>/<name>/<subresource>`, each part checked. */
export function pathOf(
  kind: Kind<KubeObject>,
  where: { namespace?: string; name?: string; subresource?: string } = {},
): string {
  const parts = kind.group ? ['apis', kind.group, kind.version] : ['api', kind.version]
  if (kind.namespaced && where.namespace !== undefined) {
    parts.push('namespaces', segment(where.namespace))
  } else if (kind.namespaced && where.name !== undefined) {
    throw new AppError('bad-request', `A ${kind.kind} is named by its namespace and its name.`)
  }
  parts.push(kind.plural)
  if (where.name !== undefined) parts.push(segment(where.name))
  if (where.subresource) parts.push(where.subresource)
  return `/${parts.join('/')}`
}

export function queryOf(query: Query): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(key, String(value))
  }
  const text = search.toString()
  return text && `?${text}`
}

/** Names come from people: one that could climb out of its path segment is refused, not escaped. */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%?#\s]/.test(name)) {
    throw new AppError('bad-request', `${JSON.stringify(name)} is not a name in Kubernetes.`)
  }
  return encodeURIComponent(name)
}
