import type { Api } from '#server/lab/cluster/api/api.ts'
import { isMap } from '#server/lab/cluster/api/apply/typed-value.ts'
import type { Served } from '#server/lab/cluster/api/registry.ts'
import type { ScalePaths } from '#server/lab/cluster/api/resource.ts'
import { badRequest, invalid, modified } from '#server/lab/cluster/api/status.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { currentObject, updateObject } from './update-object.ts'
import type { WriteOptions } from './write-options.ts'

/** The `scale` subresource: how many replicas an object asks for and has. */
export function readScale(
  api: Api,
  served: Served,
  namespace: string | undefined,
  name: string,
): object {
  return scaleOf(currentObject(api, served, namespace, name), pathsOf(served))
}

/** Writes the replicas that a Scale asks for into the object. */
export function writeScale(
  api: Api,
  served: Served,
  namespace: string | undefined,
  name: string,
  modify: (scale: object) => unknown,
  options: WriteOptions,
): object {
  const paths = pathsOf(served)
  const current = currentObject(api, served, namespace, name)
  const scale = modify(scaleOf(current, paths))
  const spec = isMap(scale) ? scale.spec : undefined
  const metadata = isMap(scale) && isMap(scale.metadata) ? scale.metadata : {}
  if (metadata.resourceVersion && metadata.resourceVersion !== current.metadata.resourceVersion)
    throw modified(served.resource, name)
  const replicas = isMap(spec) ? (spec.replicas ?? 0) : 0
  if (typeof replicas !== 'number' || !Number.isInteger(replicas))
    throw badRequest(
      'Scale in version "v1" cannot be handled as a Scale: spec.replicas must be an integer',
    )
  if (replicas < 0)
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
        field: 'spec.replicas',
      },
    ])
  setAt(current, paths.specReplicas, replicas)
  const object = updateObject(
    api,
    served,
    namespace,
    name,
    current,
    { ...options, subresource: 'scale' },
    { verb: 'patch' },
  )
  return scaleOf(object, paths)
}

function pathsOf({ resource }: Served): ScalePaths {
  return (
    resource.subresources?.scale ?? {
      specReplicas: 'spec.replicas',
      statusReplicas: 'status.replicas',
    }
  )
}

function scaleOf(object: KubeObject, paths: ScalePaths): object {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = paths.selector ? selectorText(readAt(object, paths.selector)) : undefined
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: readAt(object, paths.specReplicas) ?? 0 },
    status: {
      replicas: readAt(object, paths.statusReplicas) ?? 0,
      ...(selector ? { selector } : {}),
    },
  }
}

function selectorText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!isMap(value)) return undefined
  const labels = isMap(value.matchLabels) ? value.matchLabels : value
  return Object.entries(labels)
    .map(([key, one]) => `${key}=${one}`)
    .sort()
    .join(',')
}

function readAt(object: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (isMap(value) ? value[name] : undefined), object)
}

function setAt(object: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split('.')
  const last = names.pop() ?? ''
  let parent = object
  for (const name of names) {
    const next = parent[name]
    const child = isMap(next) ? next : {}
    parent[name] = child
    parent = child
  }
  parent[last] = value
}
