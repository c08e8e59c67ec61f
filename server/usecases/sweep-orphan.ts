import { unbindRunName } from '#server/domain/binding-names.ts'
import { ModelBinding } from '#server/domain/model-binding.ts'
import { ModelService } from '#server/domain/model-service.ts'
import {
  annotations,
  binderServiceAccount,
  labels,
  managedByBindery,
  taskNames,
} from '#server/domain/names.ts'
import { sealText } from '#server/domain/plan.ts'
import { gatewayUrl } from '#server/domain/render-plan.ts'
import { TaskRun } from '#server/domain/task-run.ts'
import { NetworkPolicy } from '#server/kube/kinds.ts'
import { isAlreadyExists } from '#server/kube/translate-status.ts'
import type { ControllerContext } from './binding-world.ts'

/**
 * A binding whose finalizer was taken off by hand leaves its allow policy behind (the alias goes with its owner). Starts
 * an unbind run for each such policy; once at the controller's start and whenever a binding vanishes.
 */
export async function sweepOrphans(ctx: ControllerContext): Promise<void> {
  const policies = await ctx.kube.list(NetworkPolicy, {
    namespace: ctx.servingNamespace,
    labelSelector: `${labels.managedBy}=${managedByBindery},${labels.bindingUid}`,
  })
  for (const policy of policies) {
    const {
      [labels.bindingNamespace]: namespace = '',
      [labels.bindingName]: name = '',
      [labels.bindingUid]: uid = '',
    } = policy.metadata.labels ?? {}
    if (policy.metadata.deletionTimestamp) continue
    const binding = await ctx.kube.find(ModelBinding, { namespace, name })
    if (binding?.metadata.uid === uid) continue
    ctx.log.warn({ policy: policy.metadata.name, binding: `${namespace}/${name}` }, 'orphan')
    await startSweep(ctx, policy, { namespace, name, uid })
  }
}

async function startSweep(
  ctx: ControllerContext,
  policy: NetworkPolicy,
  metadata: { namespace: string; name: string; uid: string },
): Promise<void> {
  const [service] = await ctx.kube.list(ModelService, { namespace: ctx.servingNamespace })
  const plan = sealText({
    version: 1,
    binding: { ...metadata, generation: 0 },
    remove: [
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        namespace: ctx.servingNamespace,
        name: policy.metadata.name,
      },
    ],
    gateway: service && gatewayUrl(service, ctx.clusterDomain),
    model: service?.spec.model,
  })
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      namespace: ctx.servingNamespace,
      name: unbindRunName({ metadata }, 0, 1),
      labels: {
        [labels.managedBy]: managedByBindery,
        [labels.bindingNamespace]: metadata.namespace,
        [labels.bindingName]: metadata.name,
        [labels.bindingUid]: metadata.uid,
        [labels.intent]: 'unbind',
      },
      annotations: { [annotations.reason]: 'The binding is gone, but its policy was left.' },
    },
    spec: {
      taskRef: { name: taskNames.unbind, kind: 'Task' },
      serviceAccountName: binderServiceAccount,
      timeout: '5m0s',
      params: [
        { name: 'plan', value: plan.text },
        { name: 'digest', value: plan.digest },
        { name: 'binding', value: `${metadata.namespace}/${metadata.name}` },
        { name: 'reason', value: 'Deleted' },
      ],
    },
  }
  try {
    await ctx.kube.create(TaskRun, run)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}
