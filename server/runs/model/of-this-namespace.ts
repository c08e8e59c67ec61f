import type { ObjectMeta } from '#server/platform/model/kubernetes.ts'

/**
 * Whether something that was made at `at` (RFC 3339) belongs to this namespace, and not to an earlier one of its name,
 * which had other owners. Of a namespace that is not there nothing is kept back: only rights in all namespaces reach it.
 */
export function isOfNamespace(
  at: string | undefined,
  namespace: { metadata: ObjectMeta } | undefined,
): boolean {
  return !(Date.parse(at ?? '') < Date.parse(namespace?.metadata.creationTimestamp ?? ''))
}
