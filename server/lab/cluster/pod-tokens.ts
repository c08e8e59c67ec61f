import type { ClusterAccess } from './access/create-access.ts'
import { notFound } from './api/status.ts'
import type { ClusterClient, KubeObject } from './client.ts'
import type { IssueToken } from './kubelet/volumes.ts'

export type PodTokens = {
  /** What the kubelet puts into pods: bound to the pod, so that it dies with it. */
  forPod: IssueToken
  forServiceAccount(
    namespace: string,
    serviceAccount: string,
    audiences?: string[],
  ): Promise<string>
}

const hourSeconds = 3600

/** Tokens of ServiceAccounts for the kubelet and for tests. */
export function podTokens(client: ClusterClient, access: ClusterAccess): PodTokens {
  const find = (namespace: string, name: string): KubeObject => {
    const found = client.find('serviceaccounts', namespace, name)
    if (found) return found
    throw notFound({ group: '', plural: 'serviceaccounts', kind: 'ServiceAccount' }, name)
  }
  return {
    async forPod({ namespace, serviceAccount, audiences, expirationSeconds, pod }) {
      const node = client.find('pods', namespace, pod.name)?.spec?.nodeName
      const { token, expires } = await access.issueToken({
        serviceAccount: find(namespace, serviceAccount),
        ...(audiences.length > 0 ? { audiences } : {}),
        expirationSeconds,
        boundTo: { kind: 'Pod', apiVersion: 'v1', ...pod },
        ...(typeof node === 'string' ? { node: { name: node } } : {}),
      })
      return { token, expirationTimestamp: expires.toISOString() }
    },
    async forServiceAccount(namespace, serviceAccount, audiences) {
      const { token } = await access.issueToken({
        serviceAccount: find(namespace, serviceAccount),
        ...(audiences ? { audiences } : {}),
        expirationSeconds: hourSeconds,
      })
      return token
    },
  }
}
