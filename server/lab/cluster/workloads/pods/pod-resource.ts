import type { Resource } from '#server/lab/cluster/api/resource.ts'
import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { ageOf, columnsWith, text } from '#server/lab/cluster/workloads/columns.ts'
import type { Fields } from '#server/lab/cluster/workloads/open-fields.ts'
import { admitServiceAccount } from './pod-admission.ts'
import { defaultPod, qosClassOf } from './pod-defaults.ts'
import { validatePodSpec, validatePodUpdate } from './pod-validation.ts'

/** Pods: admission, defaults, what may change, graceful deletion, the columns of `kubectl get pods`. */
export function podResource(): Resource {
  return {
    group: '',
    version: 'v1',
    plural: 'pods',
    singular: 'pod',
    kind: 'Pod',
    namespaced: true,
    shortNames: ['po'],
    categories: ['all'],
    subresources: { status: true },
    schema: builtinSchema('V1Pod'),
    generations: true,
    defaults: (pod) => {
      if (pod.spec) defaultPod(pod)
    },
    prepareForCreate: (pod) => {
      pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec ?? {}) }
    },
    prepareForUpdate: (pod, old, { subresource }) => {
      if (subresource === 'status') return
      pod.status = old.status
    },
    admit: (pod, old, { client, subresource }) => {
      if (!old && subresource === undefined && pod.spec) admitServiceAccount(client, pod)
      // Being assigned to a node is no change of what was asked for.
      if (old && !old.spec.nodeName && pod.spec.nodeName)
        pod.metadata.generation = old.metadata.generation
    },
    validate: (pod, old, { subresource }) => {
      if (subresource === 'status') return []
      if (old) return validatePodUpdate(pod, old)
      return validatePodSpec(pod.spec, 'spec')
    },
    selectableFields: {
      'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
      'spec.restartPolicy': (pod) => pod.spec.restartPolicy ?? '',
      'spec.schedulerName': (pod) => pod.spec.schedulerName ?? '',
      'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? '',
      'spec.hostNetwork': (pod) => String(pod.spec.hostNetwork ?? false),
      'status.phase': (pod) => pod.status?.phase ?? '',
      'status.podIP': (pod) => pod.status?.podIP ?? '',
      'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
    },
    // A pod that runs nowhere, or runs no more, goes at once; another one when its kubelet is done.
    graceSecondsOf: (pod, asked) => {
      const over = ['Succeeded', 'Failed'].includes(pod.status?.phase)
      if (!pod.spec.nodeName || over) return undefined
      const grace = asked ?? pod.spec.terminationGracePeriodSeconds ?? 30
      return grace > 0 ? grace : undefined
    },
    columns: columnsWith(
      [
        text('Ready', (pod) => `${ready(pod)}/${pod.spec.containers.length}`),
        text('Status', statusText),
        text('Restarts', restartsText),
      ],
      [
        text('IP', (pod) => pod.status?.podIP ?? '<none>'),
        text('Node', (pod) => pod.spec.nodeName ?? '<none>'),
        text('Nominated Node', () => '<none>'),
        text('Readiness Gates', () => '<none>'),
      ],
    ),
  }
}

function ready(pod: KubeObject): number {
  return (pod.status?.containerStatuses ?? []).filter((one: Fields) => one.ready).length
}

/** One word for what a pod does, as `kubectl get pods` finds it. */
function statusText(pod: KubeObject): string {
  const init: Fields[] = pod.status?.initContainerStatuses ?? []
  const unfinished = init.findIndex((one) => one.state?.terminated?.exitCode !== 0 && !one.started)
  let reason: string = pod.status?.reason ?? pod.status?.phase ?? 'Pending'
  if (unfinished >= 0) {
    const { waiting, terminated } = init[unfinished]?.state ?? {}
    const why = terminated
      ? terminated.reason || `ExitCode:${terminated.exitCode}`
      : waiting?.reason && waiting.reason !== 'PodInitializing'
        ? waiting.reason
        : undefined
    reason = why ? `Init:${why}` : `Init:${unfinished}/${init.length}`
  } else
    for (const { state } of [...(pod.status?.containerStatuses ?? [])].reverse())
      reason = state?.waiting?.reason ?? state?.terminated?.reason ?? reason
  if (reason === 'Completed' && ready(pod) > 0) reason = 'Running'
  return pod.metadata.deletionTimestamp ? 'Terminating' : reason
}

function restartsText(pod: KubeObject): string {
  const all: Fields[] = [
    ...(pod.status?.initContainerStatuses ?? []).filter((one: Fields) => one.started),
    ...(pod.status?.containerStatuses ?? []),
  ]
  const count = all.reduce((sum, one) => sum + (one.restartCount ?? 0), 0)
  const last = all
    .map((one) => one.lastState?.terminated?.finishedAt)
    .filter(Boolean)
    .sort()
    .at(-1)
  return count > 0 && last ? `${count} (${ageOf(last)} ago)` : String(count)
}
