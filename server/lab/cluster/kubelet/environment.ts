import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { fieldValue, resourceValue } from './field-values.ts'

/** A container that cannot be started as it is written: its waiting reason is CreateContainerConfigError. */
export class ConfigError extends Error {}

export type ContainerSpec = {
  name: string
  image: string
  command?: string[]
  args?: string[]
  env?: EnvVar[]
  envFrom?: EnvSource[]
  workingDir?: string
  // A container has some forty more fields; they are read where they matter.
  [field: string]: unknown
}

type KeyRef = { name: string; key: string; optional?: boolean }
type EnvVar = {
  name: string
  value?: string
  valueFrom?: {
    configMapKeyRef?: KeyRef
    secretKeyRef?: KeyRef
    fieldRef?: { fieldPath: string }
    resourceFieldRef?: { resource: string; containerName?: string; divisor?: string }
  }
}
type EnvSource = {
  prefix?: string
  configMapRef?: { name: string; optional?: boolean }
  secretRef?: { name: string; optional?: boolean }
}

/** The variables that the pod's author set, in the kubelet's order; throws ConfigError for what is missing. */
export function containerEnvironment(
  client: ClusterClient,
  pod: KubeObject,
  container: ContainerSpec,
  given: Record<string, string>,
): Record<string, string> {
  const env = { ...serviceLinks(client, pod), ...given }
  for (const source of container.envFrom ?? [])
    for (const [key, value] of Object.entries(sourceValues(client, pod, source)))
      env[`${source.prefix ?? ''}${key}`] = value
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom
      ? valueFrom(client, pod, container.name, variable)
      : expand(variable.value ?? '', env)
    if (value !== undefined) env[variable.name] = value
  }
  return env
}

/** `$(NAME)` becomes the variable's value where there is one; `$$(NAME)` is an escaped `$(NAME)`. */
export function expand(text: string, env: Record<string, string>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) => {
    if (found === '$$') return '$'
    return name !== undefined && Object.hasOwn(env, name) ? (env[name] ?? '') : found
  })
}

/** Text of a ConfigMap or Secret by key; throws ConfigError where it does not exist and is not optional. */
export function keyedData(
  client: ClusterClient,
  kind: 'configmap' | 'secret',
  namespace: string,
  ref: { name: string; optional?: boolean },
): Record<string, Buffer> {
  const object = client.find(`${kind}s`, namespace, ref.name)
  if (!object) {
    if (ref.optional) return {}
    throw new ConfigError(`${kind} "${ref.name}" not found`)
  }
  const decode = (map: Record<string, string> | undefined, encoding: BufferEncoding) =>
    Object.entries(map ?? {}).map(([key, value]): [string, Buffer] => [
      key,
      Buffer.from(value, encoding),
    ])
  const entries =
    kind === 'secret'
      ? decode(object.data, 'base64')
      : [...decode(object.data, 'utf8'), ...decode(object.binaryData, 'base64')]
  return Object.fromEntries(entries)
}

function sourceValues(
  client: ClusterClient,
  pod: KubeObject,
  source: EnvSource,
): Record<string, string> {
  const ref = source.configMapRef ?? source.secretRef
  if (!ref) return {}
  const kind = source.configMapRef ? 'configmap' : 'secret'
  const data = keyedData(client, kind, pod.metadata.namespace ?? '', ref)
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, value.toString('utf8')]),
  )
}

function valueFrom(
  client: ClusterClient,
  pod: KubeObject,
  containerName: string,
  variable: EnvVar,
): string | undefined {
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = variable.valueFrom ?? {}
  if (fieldRef) return fieldValue(pod, fieldRef.fieldPath)
  if (resourceFieldRef) return resourceValue(pod, resourceFieldRef, containerName)
  const ref = configMapKeyRef ?? secretKeyRef
  if (!ref) return undefined
  const namespace = pod.metadata.namespace ?? ''
  const value = keyedData(client, configMapKeyRef ? 'configmap' : 'secret', namespace, ref)[ref.key]
  if (value) return value.toString('utf8')
  if (ref.optional) return undefined
  const kind = configMapKeyRef ? 'ConfigMap' : 'Secret'
  throw new ConfigError(`couldn't find key ${ref.key} in ${kind} ${namespace}/${ref.name}`)
}

/** `WEB_SERVICE_HOST` and `WEB_SERVICE_PORT…` for the Services that are in the namespace when the container starts. */
function serviceLinks(client: ClusterClient, pod: KubeObject): Record<string, string> {
  if (pod.spec.enableServiceLinks === false) return {}
  const links: Record<string, string> = {}
  for (const service of client.list('services', { namespace: pod.metadata.namespace })) {
    const ip: string | undefined = service.spec?.clusterIP
    const ports: { name?: string; port: number }[] = service.spec?.ports ?? []
    if (!ip || ip === 'None' || !ports[0]) continue
    const prefix = envName(service.metadata.name)
    links[`${prefix}_SERVICE_HOST`] = ip
    links[`${prefix}_SERVICE_PORT`] = String(ports[0].port)
    for (const port of ports)
      if (port.name) links[`${prefix}_SERVICE_PORT_${envName(port.name)}`] = String(port.port)
  }
  return links
}

function envName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}
