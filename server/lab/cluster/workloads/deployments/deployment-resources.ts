import type { Column, Resource } from '#server/lab/cluster/api/resource.ts'
import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import {
  type Cause,
  forbiddenValue,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from '#server/lab/cluster/crd/causes.ts'
import { type LabelSelector, selectorMatches } from '#server/lab/cluster/network/label-selector.ts'
import { columnsWith, integer, selectorText, text } from '#server/lab/cluster/workloads/columns.ts'
import type { Fields } from '#server/lab/cluster/workloads/open-fields.ts'
import { defaultPodSpec } from '#server/lab/cluster/workloads/pods/pod-defaults.ts'
import { validatePodSpec } from '#server/lab/cluster/workloads/pods/pod-validation.ts'

const scale = {
  specReplicas: 'spec.replicas',
  statusReplicas: 'status.replicas',
  selector: 'spec.selector',
}

export function deploymentResource(): Resource {
  return {
    ...workload('deployments', 'deployment', 'Deployment', 'V1Deployment', ['deploy']),
    defaults: (deployment) => {
      const { spec } = deployment
      if (!spec) return
      spec.replicas ??= 1
      spec.revisionHistoryLimit ??= 10
      spec.progressDeadlineSeconds ??= 600
      spec.strategy ??= {}
      spec.strategy.type ??= 'RollingUpdate'
      if (spec.strategy.type === 'RollingUpdate') {
        spec.strategy.rollingUpdate ??= {}
        spec.strategy.rollingUpdate.maxUnavailable ??= '25%'
        spec.strategy.rollingUpdate.maxSurge ??= '25%'
      }
      if (spec.template?.spec) defaultPodSpec(spec.template.spec)
    },
    validate: (deployment, old, { subresource }) => {
      if (subresource === 'status') return []
      const strategy = deployment.spec?.strategy
      const causes = workloadCauses(deployment, old)
      if (strategy && !['Recreate', 'RollingUpdate'].includes(strategy.type))
        causes.push(
          unsupportedValue('spec.strategy.type', strategy.type, ['Recreate', 'RollingUpdate']),
        )
      if (strategy?.type === 'Recreate' && strategy.rollingUpdate)
        causes.push(
          forbiddenValue(
            'spec.strategy.rollingUpdate',
            "may not be specified when strategy `type` is 'Recreate'",
          ),
        )
      return causes
    },
    columns: columnsWith(
      [
        text('Ready', (one) => `${one.status?.readyReplicas ?? 0}/${one.spec.replicas}`),
        integer('Up-to-date', (one) => one.status?.updatedReplicas ?? 0),
        integer('Available', (one) => one.status?.availableReplicas ?? 0),
      ],
      wide,
    ),
  }
}

export function replicaSetResource(): Resource {
  return {
    ...workload('replicasets', 'replicaset', 'ReplicaSet', 'V1ReplicaSet', ['rs']),
    defaults: ({ spec }) => {
      if (!spec) return
      spec.replicas ??= 1
      if (spec.template?.spec) defaultPodSpec(spec.template.spec)
    },
    validate: (set, old, { subresource }) =>
      subresource === 'status' ? [] : workloadCauses(set, old),
    selectableFields: { 'status.replicas': (set) => String(set.status?.replicas ?? 0) },
    columns: columnsWith(
      [
        integer('Desired', (set) => set.spec.replicas ?? 0),
        integer('Current', (set) => set.status?.replicas ?? 0),
        integer('Ready', (set) => set.status?.readyReplicas ?? 0),
      ],
      wide,
    ),
  }
}

function workload(
  plural: string,
  singular: string,
  kind: string,
  model: string,
  shortNames: string[],
) {
  return {
    group: 'apps',
    version: 'v1',
    plural,
    singular,
    kind,
    namespaced: true,
    shortNames,
    categories: ['all'],
    subresources: { status: true, scale },
    schema: builtinSchema(model),
    generations: true,
    prepareForCreate: (object: KubeObject) => {
      object.status = kind === 'ReplicaSet' ? { replicas: 0 } : {}
    },
    prepareForUpdate: (
      object: KubeObject,
      old: KubeObject,
      context: { subresource: string | undefined },
    ) => {
      if (context.subresource !== 'status') object.status = old.status
    },
  }
}

function workloadCauses(object: KubeObject, old: KubeObject | undefined): Cause[] {
  const spec: Fields = object.spec ?? {}
  const causes: Cause[] = []
  if (spec.replicas < 0)
    causes.push(invalidValue('spec.replicas', spec.replicas, 'must be greater than or equal to 0'))
  const selector: LabelSelector | undefined = spec.selector
  const empty =
    !selector ||
    (!Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length)
  if (!selector) causes.push(requiredValue('spec.selector'))
  else if (empty)
    causes.push(
      invalidValue(
        'spec.selector',
        selector,
        `empty selector is invalid for ${object.kind.toLowerCase()}`,
      ),
    )
  const labels: Record<string, string> | undefined = spec.template?.metadata?.labels
  if (selector && !empty && !selectorMatches(selector, labels))
    causes.push(
      invalidValue(
        'spec.template.metadata.labels',
        labels ?? null,
        '`selector` does not match template `labels`',
      ),
    )
  causes.push(...validatePodSpec(spec.template?.spec, 'spec.template.spec'))
  const policy = spec.template?.spec?.restartPolicy
  if (policy && policy !== 'Always')
    causes.push(unsupportedValue('spec.template.spec.restartPolicy', policy, ['Always']))
  if (old && JSON.stringify(old.spec?.selector) !== JSON.stringify(selector))
    causes.push(invalidValue('spec.selector', selector, 'field is immutable'))
  return causes
}

const wide: Column[] = [
  text('Containers', (one) =>
    one.spec.template.spec.containers.map((c: Fields) => c.name).join(','),
  ),
  text('Images', (one) => one.spec.template.spec.containers.map((c: Fields) => c.image).join(',')),
  text('Selector', (one) => selectorText(one.spec.selector?.matchLabels)),
]
