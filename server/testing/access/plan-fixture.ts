import { parse, stringify } from 'yaml'
import { applyStep } from '#server/access/machine/binding-status.ts'
import { rightsName } from '#server/access/model/binding-names.ts'
import { ModelBinding, type Strategy } from '#server/access/model/model-binding.ts'
import { sealText } from '#server/access/model/plan.ts'
import { renderPlan } from '#server/access/model/render-plan.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { type Pod, RoleBinding } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { tenantBinderRole } from '#server/platform/model/names.ts'
import { ModelService } from '#server/serving/model/model-service.ts'
import { sampleBinding } from './sample-objects.ts'

export const namespace = 'research-team-a'
export const serving = 'model-serving-prod'
export const domain = 'cluster.local'

/** Bindings as the controller makes them, for the steps of a run to work on. */
export function planScene(admin: () => Kube, controller: () => Kube) {
  async function bound(alias: string, strategy: Strategy): Promise<ModelBinding> {
    const sample = sampleBinding({ alias, strategy })
    const binding = await admin().create(ModelBinding, {
      ...sample,
      metadata: { namespace, name: alias },
    })
    for (const holder of ['binder', 'controller'] as const) {
      const account =
        holder === 'binder'
          ? { namespace: serving, name: 'bindery-binder' }
          : { namespace: 'bindery-system', name: 'bindery-controller' }
      // As the controller itself gives them: the escalation check lets it, by the verb bind.
      await controller().create(RoleBinding, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { namespace, name: rightsName(binding, holder) },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: tenantBinderRole,
        },
        subjects: [{ kind: 'ServiceAccount', ...account }],
      })
    }
    return binding
  }

  function service(): Promise<ModelService> {
    return admin().get(ModelService, { namespace: serving, name: 'vibethinker' })
  }

  async function seal(binding: ModelBinding) {
    const plan = renderPlan(binding, await service(), domain)
    return { plan, ...sealText(plan), binding: `${namespace}/${binding.metadata.name}` }
  }

  async function grant(binding: ModelBinding, digest: string): Promise<void> {
    const { name } = binding.metadata
    const current = await admin().get(ModelBinding, { namespace, name })
    const seal = {
      generation: 1,
      run: 'x',
      digest,
      changes: [],
      previewedAt: '2026-11-24T08:00:00Z',
    }
    const sealed = { ...current, status: { ...current.status, seal } }
    const plan = renderPlan(current, await service(), domain)
    const sealedText = { run: 'x', plan: sealText(plan), grant: plan.grant }
    const step = { step: 'record-grant' as const, approvers: ['grace'], ...sealedText }
    const status = applyStep(sealed, step, new Date())
    await controller().replaceStatus(ModelBinding, { ...current, status })
  }

  return { bound, service, seal, grant }
}

export function gatewayPod(name: string): Pod {
  const metadata = {
    namespace: serving,
    name,
    labels: { 'app.kubernetes.io/name': 'bindery-gateway' },
  }
  const container = { name: 'sh', image: 'localhost/busybox:1', command: ['sleep', '600'] }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container] } }
}

type Issuer = { kubeconfig: string; issueToken(at: string, account: string): Promise<string> }

/** The cluster as one of its ServiceAccounts sees it. */
export async function clientOf(cluster: Issuer, at: string, account: string): Promise<Kube> {
  const token = await cluster.issueToken(at, account)
  const kubeconfig = parse(cluster.kubeconfig)
  for (const user of kubeconfig.users) user.user = { token }
  return connectKube({ kubeconfigText: stringify(kubeconfig) })
}
