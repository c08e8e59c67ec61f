import { discardRun } from '#server/access/machine/discard-run.ts'
import { type ControllerContext, phaseOf } from '#server/access/machine/load-binding-state.ts'
import { planOrphanStep } from '#server/access/machine/sweep-step.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { sealText } from '#server/access/model/plan.ts'
import { gatewayUrl } from '#server/access/model/render-plan.ts'
import { Namespace, NetworkPolicy } from '#server/platform/kube/kinds.ts'
import { isAlreadyExists } from '#server/platform/kube/translate-status.ts'
import {
  annotations,
  binderServiceAccount,
  labels,
  managedByBindery,
  taskNames,
} from '#server/platform/model/names.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { ModelService } from '#server/serving/model/model-service.ts'

/**
 * A binding whose finalizer was taken off by hand, or whose namespace could not wait for the proof, leaves its allow
 * policy behind (the alias goes with its owner). Starts an unbind run for each such policy, and another after one that
 * failed; at the controller's start and whenever a binding vanishes. Answers when to look again, if it has to.
 */
export async function collectOrphans(
  ctx: ControllerContext,
  seen: { policies: NetworkPolicy[]; bindings: { get(id: string): ModelBinding | undefined } },
): Promise<Date | undefined> {
  const orphans = seen.policies.filter((policy) => {
    const { id, uid } = ownerOf(policy)
    return seen.bindings.get(id)?.metadata.uid !== uid
  })
  if (orphans.length === 0) return undefined
  const serving = phaseOf(await ctx.kube.find(Namespace, { name: ctx.servingNamespace }))
  // Its policies go with it.
  if (serving !== 'active') return undefined
  let next: Date | undefined
  for (const { metadata } of orphans) {
    // What the watches miss may only be late: an orphan is what the cluster says is one.
    const policy = await ctx.kube.find(NetworkPolicy, metadata)
    if (!policy || policy.metadata.deletionTimestamp) continue
    const { namespace, name, uid, id } = ownerOf(policy)
    if (!uid || !namespace || !name) continue
    const binding = await ctx.kube.find(ModelBinding, { namespace, name })
    if (binding?.metadata.uid === uid) continue
    ctx.log.warn({ policy: policy.metadata.name, binding: id }, 'orphan')
    const due = await sweep(ctx, policy, { namespace, name, uid })
    if (due && (!next || due < next)) next = due
  }
  return next
}

function ownerOf({ metadata }: NetworkPolicy) {
  const {
    [labels.bindingNamespace]: namespace = '',
    [labels.bindingName]: name = '',
    [labels.bindingUid]: uid = '',
  } = metadata.labels ?? {}
  return { namespace, name, uid, id: `${namespace}/${name}` }
}

/** The attempt that is due, or when it will be; undefined while one is under way. */
async function sweep(
  ctx: ControllerContext,
  policy: NetworkPolicy,
  metadata: { namespace: string; name: string; uid: string },
): Promise<Date | undefined> {
  const runs = await ctx.kube.list(TaskRun, {
    namespace: ctx.servingNamespace,
    labelSelector: `${labels.bindingUid}=${metadata.uid},${labels.intent}=unbind`,
  })
  const step = planOrphanStep({ metadata }, runs, ctx.now())
  if (!('start' in step)) return step.wait
  for (const run of step.discard) await discardRun(ctx, run)
  await startSweep(ctx, policy, metadata, step.start)
  return undefined
}

async function startSweep(
  ctx: ControllerContext,
  policy: NetworkPolicy,
  metadata: { namespace: string; name: string; uid: string },
  name: string,
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
      name,
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
