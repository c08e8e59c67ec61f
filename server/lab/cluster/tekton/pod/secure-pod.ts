import type { ClusterClient, Draft } from '#server/lab/cluster/client.ts'
import { userShellImage } from '#server/lab/cluster/tekton/tekton-settings.ts'

const contained = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
}

/** Whether Tekton's ConfigMap `feature-flags` has `set-security-context: "true"`. */
export function setsSecurityContext(client: ClusterClient): boolean {
  const flags = client.find('configmaps', 'tekton-pipelines', 'feature-flags')
  return flags?.data?.['set-security-context'] === 'true'
}

/** Every container of a run's pod that says nothing itself gets what `restricted` namespaces demand. */
export function securePod(pod: Draft): Draft {
  type Container = { name: string; image: string; securityContext?: object }
  const secure = (one: Container) => ({
    ...one,
    image: one.name === 'place-scripts' ? userShellImage : one.image,
    securityContext: one.securityContext ?? contained,
  })
  const { initContainers, containers } = pod.spec
  return {
    ...pod,
    spec: {
      ...pod.spec,
      initContainers: initContainers.map(secure),
      containers: containers.map(secure),
    },
  }
}
