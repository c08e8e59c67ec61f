import type { KubeObject } from '#server/lab/cluster/client.ts'
import {
  type Cause,
  child,
  duplicateValue,
  element,
  forbiddenValue,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from '#server/lab/cluster/crd/causes.ts'
import type { Fields } from '#server/lab/cluster/workloads/open-fields.ts'

const labelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const envRule =
  "a valid environment variable name must consist only of printable ASCII characters other than '='"

/** A pod spec, alone (`spec`) or in a template (`spec.template.spec`). */
export function validatePodSpec(spec: Fields | undefined, path: string): Cause[] {
  const causes: Cause[] = []
  if (!spec?.containers?.length) causes.push(requiredValue(child(path, 'containers')))
  const volumes = new Set<string>()
  for (const [index, volume] of (spec?.volumes ?? []).entries()) {
    const at = element(child(path, 'volumes'), index)
    causes.push(...nameCauses(volume.name, child(at, 'name'), volumes))
    if (Object.keys(volume).length > 2)
      causes.push(forbiddenValue(at, 'may not specify more than 1 volume type'))
  }
  const names = new Set<string>()
  for (const list of ['initContainers', 'containers'])
    for (const [index, container] of (spec?.[list] ?? []).entries())
      causes.push(
        ...containerCauses(container, element(child(path, list), index), names, volumes, list),
      )
  const policy = spec?.restartPolicy
  if (policy && !['Always', 'OnFailure', 'Never'].includes(policy))
    causes.push(
      unsupportedValue(child(path, 'restartPolicy'), policy, ['Always', 'OnFailure', 'Never']),
    )
  const deadline = spec?.activeDeadlineSeconds
  if (deadline !== undefined && !(deadline >= 1 && deadline <= 2147483647))
    causes.push(
      invalidValue(
        child(path, 'activeDeadlineSeconds'),
        deadline,
        'must be between 1 and 2147483647, inclusive',
      ),
    )
  return causes
}

function nameCauses(name: string | undefined, path: string, seen: Set<string>): Cause[] {
  if (!name) return [requiredValue(path)]
  if (name.length > 63) return [invalidValue(path, name, 'must be no more than 63 characters')]
  if (!labelPattern.test(name)) return [invalidValue(path, name, labelRule)]
  if (seen.has(name)) return [duplicateValue(path, name)]
  seen.add(name)
  return []
}

function containerCauses(
  container: Fields,
  path: string,
  names: Set<string>,
  volumes: Set<string>,
  list: string,
): Cause[] {
  const causes = nameCauses(container.name, child(path, 'name'), names)
  const image: string | undefined = container.image
  if (!image) causes.push(requiredValue(child(path, 'image')))
  else if (image !== image.trim())
    causes.push(
      invalidValue(child(path, 'image'), image, 'must not have leading or trailing whitespace'),
    )
  for (const [index, port] of (container.ports ?? []).entries()) {
    const at = child(element(child(path, 'ports'), index), 'containerPort')
    if (port.containerPort === undefined) causes.push(requiredValue(at))
    else if (!(port.containerPort > 0 && port.containerPort < 65536))
      causes.push(invalidValue(at, port.containerPort, 'must be between 1 and 65535, inclusive'))
  }
  for (const [index, variable] of (container.env ?? []).entries()) {
    const at = element(child(path, 'env'), index)
    if (!variable.name) causes.push(requiredValue(child(at, 'name')))
    else if (!/^[\x20-\x3c\x3e-\x7e]+$/.test(variable.name))
      causes.push(invalidValue(child(at, 'name'), variable.name, envRule))
    if (variable.value && variable.valueFrom)
      causes.push(
        invalidValue(child(at, 'valueFrom'), '', 'may not be specified when `value` is not empty'),
      )
  }
  const mounted = new Set<string>()
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const at = element(child(path, 'volumeMounts'), index)
    if (!mount.name) causes.push(requiredValue(child(at, 'name')))
    else if (!volumes.has(mount.name))
      causes.push({
        reason: 'FieldValueNotFound',
        message: `Not found: ${JSON.stringify(mount.name)}`,
        field: child(at, 'name'),
      })
    if (!mount.mountPath) causes.push(requiredValue(child(at, 'mountPath')))
    else if (mounted.has(mount.mountPath))
      causes.push(invalidValue(child(at, 'mountPath'), mount.mountPath, 'must be unique'))
    mounted.add(mount.mountPath)
  }
  const policy = container.restartPolicy
  if (policy !== undefined && (list !== 'initContainers' || policy !== 'Always'))
    causes.push(
      list === 'initContainers'
        ? unsupportedValue(child(path, 'restartPolicy'), policy, ['Always'])
        : forbiddenValue(child(path, 'restartPolicy'), 'may not be set for non-init containers'),
    )
  const pull = container.imagePullPolicy
  if (pull !== undefined && !['Always', 'IfNotPresent', 'Never'].includes(pull))
    causes.push(
      unsupportedValue(child(path, 'imagePullPolicy'), pull, ['Always', 'IfNotPresent', 'Never']),
    )
  return causes
}

const immutableMessage =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** Of a running pod only images, deadline and tolerations may change. */
export function validatePodUpdate(pod: KubeObject, old: KubeObject): Cause[] {
  const frozen = (spec: Fields) => {
    const { activeDeadlineSeconds, tolerations, nodeName, ...rest } = structuredClone(spec)
    for (const one of [...(rest.initContainers ?? []), ...rest.containers]) one.image = ''
    return JSON.stringify(sorted({ ...rest, nodeName: old.spec.nodeName ? nodeName : '' }))
  }
  if (frozen(pod.spec) === frozen(old.spec)) return []
  return [forbiddenValue('spec', immutableMessage)]
}

/** The same value with the keys of all objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!value || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]))
}
