import { createHash } from 'node:crypto'
import type { ClusterClient, KubeObject, OwnerReference } from '#server/lab/cluster/client.ts'
import type {
  TaskSpec,
  Volume,
  VolumeMount,
  WorkspaceBinding,
} from '#server/lab/cluster/tekton/task-types.ts'
import { workspacePath } from '#server/lab/cluster/tekton/validate/validate-task.ts'

/** The volume that each bound workspace is; one claim that is bound twice is one volume. */
export function workspaceVolumes(bindings: WorkspaceBinding[]): Map<string, Volume> {
  const volumes = new Map<string, Volume>()
  const claims = new Map<string, Volume>()
  for (const binding of bindings) {
    const { name: workspace, subPath: _, volumeClaimTemplate: __, ...source } = binding
    const claim = binding.persistentVolumeClaim?.claimName
    const known = claim === undefined ? undefined : claims.get(claim)
    const volume = known ?? { name: `ws-${shortHash(workspace, 5)}`, ...source }
    if (claim !== undefined) claims.set(claim, volume)
    volumes.set(workspace, volume)
  }
  return volumes
}

/** Creates the claims that a run's templates describe, and binds them. */
export function claimWorkspaces(
  client: ClusterClient,
  run: KubeObject,
  bindings: WorkspaceBinding[],
  owner: OwnerReference,
): WorkspaceBinding[] {
  const namespace = run.metadata.namespace ?? ''
  return bindings.map((binding) => {
    const template = binding.volumeClaimTemplate
    if (!template) return binding
    const hash = shortHash(`${binding.name}${run.metadata.uid}`, 10)
    const base = typeof template.metadata?.name === 'string' ? template.metadata.name : 'pvc'
    const claimName = `${base}-${hash}`
    if (!client.find('persistentvolumeclaims', namespace, claimName))
      client.create('persistentvolumeclaims', {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { ...template.metadata, name: claimName, namespace, ownerReferences: [owner] },
        spec: template.spec,
      })
    const { volumeClaimTemplate: _, ...rest } = binding
    return { ...rest, persistentVolumeClaim: { claimName } }
  })
}

/** Mounts the workspaces: in every step and sidecar, or only in those that ask where any does. */
export function mountWorkspaces(
  spec: TaskSpec,
  bindings: WorkspaceBinding[],
  volumes: Map<string, Volume>,
): TaskSpec {
  if (bindings.length === 0) return spec
  const containers = [...spec.steps, ...(spec.sidecars ?? [])]
  const isolated = new Set(
    containers.flatMap((one) => (one.workspaces ?? []).map((usage) => usage.name)),
  )
  const mounts = bindings.flatMap((binding) => {
    const declared = spec.workspaces?.find((one) => one.name === binding.name)
    const volume = volumes.get(binding.name)
    if (!declared || !volume) return []
    const mount: VolumeMount = {
      name: volume.name,
      mountPath: workspacePath(declared),
      ...(binding.subPath ? { subPath: binding.subPath } : {}),
      ...(declared.readOnly ? { readOnly: true } : {}),
    }
    return [{ workspace: binding.name, mount }]
  })
  const mountsOf = (usages: { name: string; mountPath: string }[] | undefined) =>
    mounts.flatMap(({ workspace, mount }) => {
      if (!isolated.has(workspace)) return [mount]
      const usage = usages?.find((one) => one.name === workspace)
      return usage ? [{ ...mount, mountPath: usage.mountPath || mount.mountPath }] : []
    })
  const mounted = <
    T extends { workspaces?: { name: string; mountPath: string }[]; volumeMounts?: VolumeMount[] },
  >(
    one: T,
  ): T => {
    const own = one.volumeMounts ?? []
    const added = mountsOf(one.workspaces).filter(
      (mount) => !own.some((other) => other.mountPath === mount.mountPath),
    )
    return { ...one, volumeMounts: [...own, ...added] }
  }
  const used = [...new Map([...volumes.values()].map((volume) => [volume.name, volume])).values()]
  return {
    ...spec,
    steps: spec.steps.map(mounted),
    ...(spec.sidecars ? { sidecars: spec.sidecars.map(mounted) } : {}),
    volumes: [...(spec.volumes ?? []), ...used],
  }
}

function shortHash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length)
}
