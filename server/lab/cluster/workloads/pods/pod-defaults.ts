import type { KubeObject } from '#server/lab/cluster/client.ts'
import type { Fields } from '#server/lab/cluster/workloads/open-fields.ts'

const resources = ['cpu', 'memory']

/** Fills in what the API server fills in; also used for the templates of Deployments and ReplicaSets. */
export function defaultPodSpec(spec: Fields) {
  spec.restartPolicy ??= 'Always'
  spec.terminationGracePeriodSeconds ??= 30
  spec.dnsPolicy ??= 'ClusterFirst'
  // Both names of one field.
  if (spec.serviceAccountName) spec.serviceAccount ??= spec.serviceAccountName
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount
  spec.securityContext ??= {}
  spec.schedulerName ??= 'default-scheduler'
  for (const container of spec.initContainers ?? []) defaultContainer(container)
  for (const container of spec.containers ?? []) defaultContainer(container)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
}

/** What only a pod has, not a template: priority, tolerations, class of service. */
export function defaultPod(pod: KubeObject) {
  const { spec } = pod
  defaultPodSpec(spec)
  spec.priority ??= 0
  spec.preemptionPolicy ??= 'PreemptLowerPriority'
  spec.enableServiceLinks ??= true
  const tolerations: Fields[] = spec.tolerations ?? []
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'])
    if (!tolerations.some((one) => one.key === key))
      tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })
  spec.tolerations = tolerations
}

function defaultContainer(container: Fields) {
  container.resources ??= {}
  for (const [name, quantity] of Object.entries(container.resources.limits ?? {})) {
    container.resources.requests ??= {}
    container.resources.requests[name] ??= quantity
  }
  container.terminationMessagePath ??= '/dev/termination-log'
  container.terminationMessagePolicy ??= 'File'
  container.imagePullPolicy ??= /(^|\/)[^/:@]+(:latest)?$/.test(String(container.image ?? ''))
    ? 'Always'
    : 'IfNotPresent'
  for (const port of container.ports ?? []) port.protocol ??= 'TCP'
  for (const variable of container.env ?? [])
    if (variable.valueFrom?.fieldRef) variable.valueFrom.fieldRef.apiVersion ??= 'v1'
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe'])
    if (container[name]) defaultProbe(container[name])
  for (const hook of [container.lifecycle?.postStart, container.lifecycle?.preStop])
    if (hook?.httpGet) defaultHttpGet(hook.httpGet)
}

function defaultProbe(probe: Fields) {
  if (probe.httpGet) defaultHttpGet(probe.httpGet)
  probe.timeoutSeconds ??= 1
  probe.periodSeconds ??= 10
  probe.successThreshold ??= 1
  probe.failureThreshold ??= 3
}

function defaultHttpGet(get: Fields) {
  get.path ??= '/'
  get.scheme ??= 'HTTP'
}

function defaultVolume(volume: Fields) {
  if (Object.keys(volume).length === 1) volume.emptyDir = {}
  for (const source of [volume.configMap, volume.secret, volume.downwardAPI, volume.projected])
    if (source) source.defaultMode ??= 420
  if (volume.hostPath) volume.hostPath.type ??= ''
  for (const item of volume.downwardAPI?.items ?? [])
    if (item.fieldRef) item.fieldRef.apiVersion ??= 'v1'
  for (const source of volume.projected?.sources ?? []) {
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600
    for (const item of source.downwardAPI?.items ?? [])
      if (item.fieldRef) item.fieldRef.apiVersion ??= 'v1'
  }
}

/** Guaranteed, Burstable or BestEffort, by the requests and limits of all containers. */
export function qosClassOf(spec: Fields): string {
  const containers: Fields[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  const asks = (one: Fields, kind: string) =>
    resources.some((name) => one.resources?.[kind]?.[name] !== undefined)
  if (!containers.some((one) => asks(one, 'requests') || asks(one, 'limits'))) return 'BestEffort'
  const guaranteed = containers.every((one) =>
    resources.every((name) => {
      const limit = one.resources?.limits?.[name]
      return limit !== undefined && one.resources?.requests?.[name] === limit
    }),
  )
  return guaranteed ? 'Guaranteed' : 'Burstable'
}
