import type { ClusterClient } from '#server/lab/cluster/client.ts'
import { reconcileQueue } from './reconcile-queue.ts'

const rootCa = 'kube-root-ca.crt'
// The recorded clusters publish a second bundle; ours has one CA for both.
const serviceCa = 'openshift-service-ca.crt'

/** Every namespace has a ServiceAccount `default` and the cluster's CA. */
export function startNamespaceDefaults(client: ClusterClient, ca: string, signal: AbortSignal) {
  const queue = reconcileQueue((namespace) => {
    const found = client.find('namespaces', undefined, namespace)
    if (!found || found.metadata.deletionTimestamp) return undefined
    if (!client.find('serviceaccounts', namespace, 'default'))
      client.create('serviceaccounts', {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace },
      })
    if (!client.find('configmaps', namespace, serviceCa))
      client.create('configmaps', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: serviceCa,
          namespace,
          annotations: { 'service.beta.openshift.io/inject-cabundle': 'true' },
        },
        data: { 'service-ca.crt': ca },
      })
    const map = client.find('configmaps', namespace, rootCa)
    const data = { 'ca.crt': ca }
    if (!map)
      client.create('configmaps', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: rootCa,
          namespace,
          annotations: {
            'kubernetes.io/description':
              'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
          },
        },
        data,
      })
    else if (map.data?.['ca.crt'] !== ca) client.patch('configmaps', namespace, rootCa, { data })
    return undefined
  }, signal)

  client.watch('namespaces', ({ object }) => queue.add(object.metadata.name), signal)
  client.watch(
    'serviceaccounts',
    ({ type, object }) => {
      if (type === 'DELETED' && object.metadata.name === 'default')
        queue.add(object.metadata.namespace ?? '')
    },
    signal,
  )
  client.watch(
    'configmaps',
    ({ object }) => {
      if ([rootCa, serviceCa].includes(object.metadata.name))
        queue.add(object.metadata.namespace ?? '')
    },
    signal,
  )
}
