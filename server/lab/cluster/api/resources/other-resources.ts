import type { Resource } from '#server/lab/cluster/api/resource.ts'
import { requiredValue, unsupportedValue } from '#server/lab/cluster/crd/causes.ts'
import { plainResource, text } from './plain-resource.ts'

const replicas = {
  specReplicas: 'spec.replicas',
  statusReplicas: 'status.replicas',
  selector: 'spec.selector',
}

/** Kinds of the other groups: kept for kubectl and for whoever reads them, without controllers of their own. */
export function otherResources(): Resource[] {
  return [
    networkPolicies(),
    plainResource({
      group: 'networking.k8s.io',
      kind: 'Ingress',
      plural: 'ingresses',
      shortNames: ['ing'],
      generations: true,
      subresources: { status: true },
    }),
    plainResource({
      group: 'networking.k8s.io',
      kind: 'IngressClass',
      plural: 'ingressclasses',
      namespaced: false,
      generations: true,
    }),
    plainResource({
      group: 'coordination.k8s.io',
      kind: 'Lease',
      plural: 'leases',
      between: [text('Holder', (lease) => lease.spec?.holderIdentity ?? '')],
    }),
    plainResource({
      group: 'policy',
      kind: 'PodDisruptionBudget',
      plural: 'poddisruptionbudgets',
      shortNames: ['pdb'],
      generations: true,
      subresources: { status: true },
      between: [
        text('Min Available', (budget) => String(budget.spec?.minAvailable ?? 'N/A')),
        text('Max Unavailable', (budget) => String(budget.spec?.maxUnavailable ?? 'N/A')),
        text('Allowed Disruptions', (budget) => budget.status?.disruptionsAllowed ?? 0),
      ],
    }),
    plainResource({
      group: 'scheduling.k8s.io',
      kind: 'PriorityClass',
      plural: 'priorityclasses',
      namespaced: false,
      shortNames: ['pc'],
    }),
    plainResource({
      group: 'storage.k8s.io',
      kind: 'StorageClass',
      plural: 'storageclasses',
      namespaced: false,
      shortNames: ['sc'],
    }),
    plainResource({
      group: 'autoscaling',
      version: 'v2',
      model: 'V2HorizontalPodAutoscaler',
      kind: 'HorizontalPodAutoscaler',
      plural: 'horizontalpodautoscalers',
      shortNames: ['hpa'],
      subresources: { status: true },
    }),
    ...apps(),
    ...batch(),
    ...admission(),
  ]
}

function networkPolicies(): Resource {
  type Rule = { ports?: { protocol?: string }[] }
  return plainResource({
    group: 'networking.k8s.io',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
    generations: true,
    defaults(policy) {
      const { spec } = policy
      if (!spec) return
      spec.podSelector ??= {}
      spec.policyTypes ??= spec.egress ? ['Ingress', 'Egress'] : ['Ingress']
      const rules: Rule[] = [...(spec.ingress ?? []), ...(spec.egress ?? [])]
      for (const rule of rules) for (const port of rule.ports ?? []) port.protocol ??= 'TCP'
    },
    validate(policy) {
      if (!policy.spec) return [requiredValue('spec')]
      const types: string[] = policy.spec.policyTypes ?? []
      return types.flatMap((type, index) =>
        ['Ingress', 'Egress'].includes(type)
          ? []
          : [unsupportedValue(`spec.policyTypes[${index}]`, type, ['Egress', 'Ingress'])],
      )
    },
    between: [
      text('Pod-Selector', (policy) => {
        const labels: Record<string, string> = policy.spec?.podSelector?.matchLabels ?? {}
        const parts = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
        return parts.join(',') || '<none>'
      }),
    ],
  })
}

function apps(): Resource[] {
  const common = { group: 'apps', categories: ['all'], generations: true }
  return [
    plainResource({
      ...common,
      kind: 'StatefulSet',
      plural: 'statefulsets',
      shortNames: ['sts'],
      subresources: { status: true, scale: replicas },
      between: [
        text('Ready', (set) => `${set.status?.readyReplicas ?? 0}/${set.spec?.replicas ?? 1}`),
      ],
    }),
    plainResource({
      ...common,
      kind: 'DaemonSet',
      plural: 'daemonsets',
      shortNames: ['ds'],
      subresources: { status: true },
    }),
    plainResource({
      group: 'apps',
      kind: 'ControllerRevision',
      plural: 'controllerrevisions',
    }),
  ]
}

function batch(): Resource[] {
  const common = { group: 'batch', categories: ['all'], generations: true }
  return [
    plainResource({
      ...common,
      kind: 'Job',
      plural: 'jobs',
      subresources: { status: true },
    }),
    plainResource({
      ...common,
      kind: 'CronJob',
      plural: 'cronjobs',
      shortNames: ['cj'],
      subresources: { status: true },
      between: [text('Schedule', (job) => job.spec?.schedule ?? '')],
    }),
  ]
}

function admission(): Resource[] {
  const common = {
    group: 'admissionregistration.k8s.io',
    namespaced: false,
    generations: true,
    categories: ['api-extensions'],
  }
  return [
    plainResource({
      ...common,
      kind: 'ValidatingAdmissionPolicy',
      plural: 'validatingadmissionpolicies',
      subresources: { status: true },
    }),
    plainResource({
      ...common,
      kind: 'ValidatingAdmissionPolicyBinding',
      plural: 'validatingadmissionpolicybindings',
    }),
    plainResource({
      ...common,
      kind: 'ValidatingWebhookConfiguration',
      plural: 'validatingwebhookconfigurations',
    }),
    plainResource({
      ...common,
      kind: 'MutatingWebhookConfiguration',
      plural: 'mutatingwebhookconfigurations',
    }),
  ]
}
