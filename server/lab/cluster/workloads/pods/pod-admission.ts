import { randomBytes } from 'node:crypto'
import { forbidden } from '#server/lab/cluster/api/status.ts'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'

const pods = { group: '', plural: 'pods', kind: 'Pod' }
const accountPath = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The ServiceAccount admission plugin: names the account, refuses a missing one, mounts its token. */
export function admitServiceAccount(client: ClusterClient, pod: KubeObject) {
  const namespace = pod.metadata.namespace ?? ''
  const { spec } = pod
  spec.serviceAccountName ||= 'default'
  spec.serviceAccount = spec.serviceAccountName
  const account = client.find('serviceaccounts', namespace, spec.serviceAccountName)
  if (!account)
    throw forbidden(
      pods,
      pod.metadata.name ?? '',
      `error looking up service account ${namespace}/${spec.serviceAccountName}: serviceaccount "${spec.serviceAccountName}" not found`,
    )
  const mounts = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
  if (mounts) mountToken(pod)
}

function mountToken(pod: KubeObject) {
  const { spec } = pod
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  const mountedAt = (one: { volumeMounts?: { mountPath: string }[] }) =>
    one.volumeMounts?.some((mount) => mount.mountPath === accountPath)
  if (containers.every(mountedAt)) return
  const name = `kube-api-access-${suffix()}`
  spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)]
  for (const one of containers)
    if (!mountedAt(one))
      one.volumeMounts = [
        ...(one.volumeMounts ?? []),
        { name, readOnly: true, mountPath: accountPath },
      ]
}

function tokenVolume(name: string) {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [
              {
                path: 'namespace',
                fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
              },
            ],
          },
        },
      ],
      defaultMode: 420,
    },
  }
}

const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** Five letters as in generated names. */
export function suffix(): string {
  return [...randomBytes(5)].map((byte) => letters[byte % letters.length]).join('')
}
