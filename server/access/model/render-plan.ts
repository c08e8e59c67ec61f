import type { KubeObject, ObjectMeta } from '#server/platform/model/kubernetes.ts'
import { apiVersion, labels, managedByBindery } from '#server/platform/model/names.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import { policyName, sliceName } from './binding-names.ts'
import type { ModelBinding, Strategy } from './model-binding.ts'
import type { BindPlan, PlanObject, PlanTarget, UnbindPlan } from './plan.ts'

type Offer = Pick<BindPlan['grant'], 'durationDays' | 'quota' | 'ring'>

export type AliasOf = { strategy: Strategy; alias: string }

/** Pure: the same binding, service and earlier grant give the same plan, byte for byte. */
export function renderPlan(
  binding: ModelBinding,
  service: ModelService,
  clusterDomain: string,
): BindPlan {
  const { strategy, alias } = binding.spec
  const ref = refOf(binding)
  const { port } = service.spec.service
  const apply = [...aliasObjects(binding, service, clusterDomain), networkPolicy(binding, service)]
  const kept = new Set(apply.map((object) => keyOf(targetOf(object))))
  return {
    version: 1,
    binding: { ...ref, generation: binding.metadata.generation ?? 1 },
    modelService: { ...binding.spec.modelService, model: service.spec.model },
    grant: {
      strategy,
      alias,
      ...offered(binding),
      graceHours: service.spec.limits.graceHours,
    },
    address: `http://${alias}.${ref.namespace}.svc.${clusterDomain}:${port}`,
    gateway: gatewayUrl(service, clusterDomain),
    apply,
    remove: earlierAliases(binding)
      .flatMap((earlier) => aliasTargets(ref.namespace, earlier))
      .filter((target) => !kept.has(keyOf(target))),
  }
}

/** What was asked, or what an approver offers in its place for this very request. */
function offered({ spec, status, metadata }: ModelBinding): Offer {
  const terms = status?.terms?.generation === (metadata.generation ?? 1) ? status.terms : undefined
  return {
    durationDays: terms?.durationDays ?? spec.durationDays,
    quota: terms?.quota ?? spec.quota,
    ring: terms?.ring ?? status?.granted?.ring ?? 'stable',
  }
}

/** The grant goes first, then the name; with everything that an unfinished change may have left. */
export function renderUnbindPlan(
  binding: ModelBinding,
  service: ModelService | undefined,
  clusterDomain: string,
): UnbindPlan {
  const ref = refOf(binding)
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    namespace: binding.spec.modelService.namespace,
    name: policyName(binding),
  }
  const targets = earlierAliases(binding).flatMap((alias) => aliasTargets(ref.namespace, alias))
  return {
    version: 1,
    binding: { ...ref, generation: binding.metadata.generation ?? 1 },
    remove: [policy, ...targets],
    gateway: service && gatewayUrl(service, clusterDomain),
    model: service?.spec.model,
  }
}

/** `http://alias:port`, what pods of the tenant call. */
export function aliasAddress(alias: string, port: number): string {
  return `http://${alias}:${port}`
}

export function gatewayUrl(service: ModelService, clusterDomain: string): string {
  const { name, port } = service.spec.service
  return `http://${name}.${service.metadata.namespace}.svc.${clusterDomain}:${port}`
}

/** Labels by which every object of a binding is known as its own. */
export function ownLabels(binding: { metadata: ObjectMeta }): Record<string, string> {
  const { namespace = '', name, uid = '' } = binding.metadata
  return {
    [labels.managedBy]: managedByBindery,
    [labels.bindingNamespace]: namespace,
    [labels.bindingName]: name,
    [labels.bindingUid]: uid,
  }
}

export function targetOf(object: PlanObject): PlanTarget {
  const { apiVersion, kind, metadata } = object
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name }
}

function refOf(binding: KubeObject): { namespace: string; name: string; uid: string } {
  const { namespace = '', name, uid = '' } = binding.metadata
  return { namespace, name, uid }
}

function keyOf(target: PlanTarget): string {
  return `${target.kind}/${target.namespace}/${target.name}`
}

/** Aliases that a grant made and that may still be there; the newest first. */
function earlierAliases(binding: ModelBinding): AliasOf[] {
  const granted = binding.status?.granted
  return granted ? [granted, ...(granted.previous ?? [])] : []
}

export function aliasService(namespace: string, alias: string): PlanTarget {
  return { apiVersion: 'v1', kind: 'Service', namespace, name: alias }
}

function aliasTargets(namespace: string, { strategy, alias }: AliasOf): PlanTarget[] {
  const service = aliasService(namespace, alias)
  if (strategy === 'ExternalName') return [service]
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    namespace,
    name: sliceName(alias),
  }
  return [slice, service]
}

function aliasObjects(
  binding: ModelBinding,
  service: ModelService,
  clusterDomain: string,
): PlanObject[] {
  const { strategy, alias } = binding.spec
  const { name, port, podPort } = service.spec.service
  const metadata = tenantMetadata(binding, alias)
  if (strategy === 'ExternalName') {
    const externalName = `${name}.${service.metadata.namespace}.svc.${clusterDomain}`
    const ports = [{ name: 'http', port, protocol: 'TCP' }]
    const spec = { type: 'ExternalName', externalName, ports }
    return [{ apiVersion: 'v1', kind: 'Service', metadata, spec }]
  }
  const slice = tenantMetadata(binding, sliceName(alias))
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: 'ClusterIP',
        // Where the cluster has both families, the gateway's slices of both are led to.
        ipFamilyPolicy: 'PreferDualStack',
        ports: [{ name: 'http', port, protocol: 'TCP', targetPort: podPort }],
      },
    },
    {
      // Its endpoints are no part of the plan: the controller keeps them equal to the gateway's ready pods.
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        ...slice,
        labels: {
          ...slice.labels,
          'kubernetes.io/service-name': alias,
          'endpointslice.kubernetes.io/managed-by': 'controller.bindery.dev',
        },
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: podPort, protocol: 'TCP' }],
    },
  ]
}

function tenantMetadata(binding: ModelBinding, name: string): PlanObject['metadata'] {
  const { namespace, name: owner, uid } = refOf(binding)
  return {
    name,
    namespace,
    labels: ownLabels(binding),
    // Even if somebody takes the finalizer off by hand, the name goes with its binding.
    ownerReferences: [{ apiVersion, kind: 'ModelBinding', name: owner, uid, controller: true }],
  }
}

function networkPolicy(binding: ModelBinding, service: ModelService): PlanObject {
  const { podSelector, podPort } = service.spec.service
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: policyName(binding),
      namespace: binding.spec.modelService.namespace,
      labels: ownLabels(binding),
    },
    spec: {
      podSelector: { matchLabels: podSelector },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [
            {
              namespaceSelector: {
                // Set by the API server and immutable: nobody can call a namespace by another's name.
                matchLabels: { 'kubernetes.io/metadata.name': binding.metadata.namespace ?? '' },
              },
            },
          ],
          ports: [{ port: podPort, protocol: 'TCP' }],
        },
      ],
    },
  }
}
