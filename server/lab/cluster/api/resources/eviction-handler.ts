import type { ApiRequest, Handler, Reply } from '#server/lab/cluster/api/handler.ts'
import { notFound } from '#server/lab/cluster/api/status.ts'
import type { ClusterClient } from '#server/lab/cluster/client.ts'

/** `pods/eviction`: deletes the pod; disruption budgets are kept but not enforced. */
export function evictionHandler(client: ClusterClient): Handler {
  return {
    group: '',
    version: 'v1',
    plural: 'pods',
    subresource: 'eviction',
    kind: 'Eviction',
    kindGroup: 'policy',
    kindVersion: 'v1',
    namespaced: true,
    verbs: ['create'],
    handle: (request) => evict(client, request),
  }
}

function evict(client: ClusterClient, { namespace, name = '', dryRun }: ApiRequest): Reply {
  if (!client.find('pods', namespace, name))
    throw notFound({ group: '', plural: 'pods', kind: 'Pod' }, name)
  if (!dryRun) client.remove('pods', namespace, name)
  return {
    status: 201,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  }
}
