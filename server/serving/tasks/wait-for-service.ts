import { readyAddresses } from '#server/access/reconciler/ready-addresses.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { Deployment, EndpointSlice, Pod } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { stepArgs } from '#server/platform/step/step-args.ts'
import { createStepLog, logStep } from '#server/platform/step/step-log.ts'
import { pollUntil } from '#server/platform/time/poll-until.ts'
import { askEngine } from './ask-engine.ts'
import { enginePort } from './engine-objects.ts'
import { digestOfReference } from './image-reference.ts'

type Ref = { namespace: string; name: string }

/** Waits until the engine runs from the verified digest and its Service leads to it, then has it answer once. */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const given = stepArgs(args, ['namespace', 'service-name', 'reference', 'timeout-seconds'])
  const ref = { namespace: given.namespace, name: given['service-name'] }
  const digest = digestOfReference(given.reference)
  const again = createStepLog()
  const seconds = Number(given['timeout-seconds'])
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)])
  await waitForEngine(connectKube({ signal }), ref, digest, {
    seconds,
    signal,
    onReason: (reason) => again(`Not yet: ${reason}`),
  })
  logStep(`${ref.name} is ready, from ${digest}`)
  const url = `http://${ref.name}.${ref.namespace}.svc:${enginePort}`
  const { model, tokens } = await askEngine(url, inTime)
  logStep(`It answered as ${model}, with ${tokens} tokens`)
}

export async function waitForEngine(
  kube: Kube,
  ref: Ref,
  digest: string,
  waiting: { seconds: number; signal: AbortSignal; onReason: (reason: string) => void },
): Promise<void> {
  await pollUntil(waiting, async () => (await whyNotYet(kube, ref, digest)) ?? {})
}

async function whyNotYet(kube: Kube, ref: Ref, digest: string): Promise<string | undefined> {
  const deployment = await kube.get(Deployment, ref)
  const { status = {}, metadata, spec } = deployment
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return 'the rollout has not begun'
  const selector = Object.entries(spec.selector.matchLabels ?? {})
  const pods = await kube.list(Pod, {
    namespace: ref.namespace,
    labelSelector: selector.map(([key, value]) => `${key}=${value}`).join(','),
  })
  const current = pods.filter((pod) =>
    pod.spec.containers.some((one) => one.image?.endsWith(`@${digest}`)),
  )
  const wanted = spec.replicas ?? 1
  if ((status.updatedReplicas ?? 0) < wanted) return 'the new pod is not made yet'
  if ((status.availableReplicas ?? 0) < wanted || current.length < wanted) {
    return current.map(troubleOf).find(Boolean) ?? 'the engine is starting'
  }
  const slices = await kube.list(EndpointSlice, {
    namespace: ref.namespace,
    labelSelector: `kubernetes.io/service-name=${ref.name}`,
  })
  return readyAddresses(slices).length > 0 ? undefined : 'the Service leads to no ready pod'
}

function troubleOf(pod: Pod): string | undefined {
  const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled')
  if (scheduled?.status === 'False')
    return `pod ${pod.metadata.name} has no node: ${scheduled.message}`
  for (const { state } of pod.status?.containerStatuses ?? []) {
    const { waiting } = state ?? {}
    if (waiting?.reason && waiting.reason !== 'ContainerCreating') {
      return `pod ${pod.metadata.name}: ${waiting.reason} ${waiting.message ?? ''}`.trim()
    }
  }
  return undefined
}
