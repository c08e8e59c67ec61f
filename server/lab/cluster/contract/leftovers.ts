import type { ApiCaller, Body } from './api-caller.ts'

/** On everything that lies in no namespace and every namespace that the suite makes. */
export const madeBy = { 'bindery.dev/made-by': 'check' }

const selector = 'labelSelector=bindery.dev%2Fmade-by%3Dcheck'
const hourMs = 3_600_000
const admission = '/apis/admissionregistration.k8s.io/v1'
const clusterWide = [
  `${admission}/validatingadmissionpolicybindings`,
  `${admission}/validatingadmissionpolicies`,
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
]

/** So that the cluster itself removes what lies in no namespace, once the test's namespace is gone. */
export function ownedByNamespace({ name, uid }: { name: string; uid: string }) {
  return [{ apiVersion: 'v1', kind: 'Namespace', name, uid }]
}

/** Deletes a test's namespace, and what the test made outside of any. */
export async function removeMade(api: ApiCaller, namespace: string): Promise<void> {
  for (const path of clusterWide) {
    const { body } = await api.get(`${path}?${selector}`)
    const own = (body.items ?? []).filter((one: Body) =>
      one.metadata.ownerReferences?.some((owner: Body) => owner.name === namespace),
    )
    for (const { metadata } of own) await api.delete(`${path}/${metadata.name}`)
  }
  await api.delete(`/api/v1/namespaces/${namespace}`)
}

/**
 * Removes what an earlier run left that was killed; what is younger belongs to a run beside this one.
 * @param olderThanMs an hour where absent: longer than the suite takes
 */
export async function removeLeftovers(api: ApiCaller, olderThanMs = hourMs): Promise<void> {
  const { body } = await api.get(`/api/v1/namespaces?${selector}`)
  for (const { metadata } of body.items ?? []) {
    const ageMs = Date.now() - Date.parse(metadata.creationTimestamp)
    const isOurs = metadata.name.startsWith('contract-') && !metadata.deletionTimestamp
    if (isOurs && ageMs >= olderThanMs) await removeMade(api, metadata.name)
  }
}
