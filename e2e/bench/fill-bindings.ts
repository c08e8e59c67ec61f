import { type RightsHolder, rightsName } from '#server/access/model/binding-names.ts'
import { timestamp, withConditions } from '#server/access/model/conditions.ts'
import type { ModelBinding, ModelBindingStatus } from '#server/access/model/model-binding.ts'
import { sealText } from '#server/access/model/plan.ts'
import { ownLabels, renderPlan } from '#server/access/model/render-plan.ts'
import {
  apiVersion,
  binderServiceAccount,
  bindingFinalizer,
  controllerServiceAccount,
  tenantBinderRole,
} from '#server/platform/model/names.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'

export type Api = (method: string, path: string, body?: object) => Promise<unknown>

const atOnce = 24

/** Namespaces with granted bindings, each with all that its run would have made: a cluster in which nothing is to be done. */
export async function fillBindings(
  api: Api,
  service: ModelService,
  size: { namespaces: number; perNamespace: number },
): Promise<void> {
  const names = Array.from({ length: size.namespaces }, (_, i) => `team-${i}`)
  await each(names, async (name) => {
    await api('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    })
  })
  const wanted = names.flatMap((namespace) =>
    Array.from({ length: size.perNamespace }, (_, i) => ({ namespace, name: `model-${i}` })),
  )
  await each(wanted, (ref) => makeGranted(api, service, ref))
}

async function makeGranted(
  api: Api,
  service: ModelService,
  { namespace, name }: { namespace: string; name: string },
): Promise<void> {
  const bindings = `/apis/bindery.dev/v1alpha1/namespaces/${namespace}/modelbindings`
  const { spec } = sampleBinding({ alias: name })
  const binding = (await api('POST', bindings, {
    apiVersion,
    kind: 'ModelBinding',
    metadata: { namespace, name, finalizers: [bindingFinalizer] },
    spec,
  })) as ModelBinding
  const plan = renderPlan(binding, service, 'cluster.local')
  const status = grantedStatus(binding, sealText(plan).digest)
  await api('PUT', `${bindings}/${name}/status`, { ...binding, status })
  for (const object of plan.apply) {
    const at = object.metadata.namespace
    const path =
      object.kind === 'Service'
        ? `/api/v1/namespaces/${at}/services`
        : `/apis/networking.k8s.io/v1/namespaces/${at}/networkpolicies`
    await api('POST', path, object)
  }
  for (const holder of ['binder', 'controller'] as const) {
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`
    await api('POST', path, rightOf(binding, holder))
  }
}

function grantedStatus(binding: ModelBinding, digest: string): ModelBindingStatus {
  const now = new Date()
  const { strategy, alias, durationDays, quota, justification, purpose } = binding.spec
  const at = timestamp(now)
  const expiresAt = timestamp(new Date(now.getTime() + durationDays * 86_400_000))
  const conditions = withConditions(
    undefined,
    [
      { type: 'Approved', status: 'True', reason: 'Approved', message: 'Approved by grace.' },
      { type: 'Provisioned', status: 'True', reason: 'RunSucceeded', message: 'It succeeded.' },
      { type: 'Ready', status: 'True', reason: 'Usable', message: 'The alias answered.' },
    ],
    1,
    now,
  )
  return {
    observedGeneration: 1,
    conditions,
    decisions: [{ generation: 1, decision: 'approve', by: 'grace', at, comment: '', digest }],
    granted: {
      ...{ generation: 1, strategy, alias, durationDays, quota, justification, purpose, digest },
      ring: 'stable',
      approvedBy: ['grace'],
      approvedAt: at,
      usableSince: at,
      termSince: at,
      expiresAt,
    },
  }
}

function rightOf(binding: ModelBinding, holder: RightsHolder): object {
  const { namespace, name, uid } = binding.metadata
  const account =
    holder === 'binder'
      ? { namespace: 'model-serving-prod', name: binderServiceAccount }
      : controllerServiceAccount
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: {
      namespace,
      name: rightsName(binding, holder),
      labels: ownLabels(binding),
      ownerReferences: [{ apiVersion, kind: 'ModelBinding', name, uid }],
    },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: tenantBinderRole },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  }
}

async function each<T>(all: T[], act: (one: T) => Promise<void>): Promise<void> {
  const left = [...all]
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) await act(one)
    }),
  )
}
