import type { ControllerContext } from '#server/access/machine/load-binding-state.ts'
import { timestamp } from '#server/access/model/conditions.ts'
import type { Pod, Service } from '#server/platform/kube/kinds.ts'
import { canonicalJson } from '#server/platform/model/canonical-json.ts'
import { type Condition, conditionOf } from '#server/platform/model/kubernetes.ts'
import type { EngineSeen } from '#server/serving/model/engine-facts.ts'
import {
  type EngineRef,
  type EngineStatus,
  engineCondition,
  ModelService,
  networkCondition,
  type Ring,
} from '#server/serving/model/model-service.ts'
import type { NetworkSeen } from './check-network.ts'
import { engineMatch } from './engine-match.ts'

/** What stands in the serving namespace, as the controller's watches know it. */
export type ServingView = {
  services: readonly Service[]
  pods: readonly Pod[]
  /** Ready pods of the gateway, by the service's name. */
  gatewayReady(serviceName: string): number
  /** Undefined while nobody can tell: then what was seen last stands. */
  network?: NetworkSeen
  /** By ring, as a gateway sees them; undefined while none has said so: then what was seen last stands. */
  engines?: Partial<Record<Ring, EngineSeen>>
}

/** Writes into the status what engines are ready, from which image, and whether the service can be used. */
export async function refreshServiceStatus(
  ctx: Pick<ControllerContext, 'kube' | 'now'>,
  service: ModelService,
  serving: ServingView,
): Promise<void> {
  const { engines } = service.spec
  const statuses = [
    { ring: 'stable' as const, ref: engines.stable },
    ...(engines.canary ? [{ ring: 'canary' as const, ref: engines.canary }] : []),
  ].map(({ ring, ref }): EngineStatus => {
    const before = service.status?.engines?.find((one) => one.ring === ring)?.seen
    const seen = serving.engines ? serving.engines[ring] : before
    if (!seen?.replaced) return { ...engineStatus(ring, ref, serving), ...(seen && { seen }) }
    // Its pods and their image answer nobody: another server stands in their place.
    return { ring, readyReplicas: seen.state === 'answers' ? 1 : 0, seen }
  })
  const { generation = 1 } = service.metadata
  const found: Found[] = [{ type: 'Ready', ...readiness(service, statuses, serving) }]
  const match = engineMatch(service, statuses)
  if (match) found.push({ type: engineCondition, ...match })
  if (serving.network) found.push({ type: networkCondition, ...networkWords[serving.network] })
  const others = service.status?.conditions ?? []
  const fresh = found.map((one): Condition => {
    const old = conditionOf(others, one.type)
    const since = old?.status === one.status ? old.lastTransitionTime : timestamp(ctx.now())
    return { ...one, observedGeneration: generation, lastTransitionTime: since }
  })
  const status = {
    observedGeneration: generation,
    conditions: [...others.filter((one) => !found.some(({ type }) => type === one.type)), ...fresh],
    engines: statuses,
  }
  if (canonicalJson(status) === canonicalJson(service.status ?? {})) return
  await ctx.kube.replaceStatus(ModelService, { ...service, status })
}

type Found = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

const networkWords = {
  enforced: {
    status: 'True',
    reason: 'Tried',
    message: 'A connection that a NetworkPolicy forbids did not come through.',
  },
  'not-enforced': {
    status: 'False',
    reason: 'PoliciesIgnored',
    message:
      'A connection that a NetworkPolicy forbids came through: only the gateway’s own check keeps others from the model.',
  },
} as const

function readiness(
  service: ModelService,
  engines: EngineStatus[],
  serving: ServingView,
): Pick<Condition, 'status' | 'reason' | 'message'> {
  const stable = service.spec.engines.stable.service
  if (!engines.some((one) => one.ring === 'stable' && one.readyReplicas > 0)) {
    const isReplaced = engines.some(({ seen }) => seen?.replaced)
    const message = isReplaced
      ? 'The server at INFERENCE_URL does not answer.'
      : `No engine is ready behind ${stable}.`
    return { status: 'False', reason: 'EngineNotReady', message }
  }
  const gateway = service.spec.service.name
  if (serving.gatewayReady(gateway) === 0) {
    const message = `No gateway is ready behind ${gateway}.`
    return { status: 'False', reason: 'GatewayNotReady', message }
  }
  return { status: 'True', reason: 'Serving', message: 'Gateway and engine are ready.' }
}

function engineStatus(ring: Ring, ref: EngineRef, serving: ServingView): EngineStatus {
  const selector = serving.services.find((one) => one.metadata.name === ref.service)?.spec.selector
  const ready = selector
    ? serving.pods.filter((pod) => matches(pod.metadata.labels, selector) && isReady(pod))
    : []
  const container = ready[0]?.status?.containerStatuses?.[0]
  const digest = /sha256:[0-9a-f]{64}/.exec(container?.imageID ?? '')?.[0]
  return {
    ring,
    readyReplicas: ready.length,
    ...(container ? { image: container.image } : {}),
    ...(digest ? { digest } : {}),
  }
}

function matches(labels: Record<string, string> = {}, selector: Record<string, string>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value)
}

function isReady(pod: Pod): boolean {
  return (
    !pod.metadata.deletionTimestamp &&
    conditionOf(pod.status?.conditions, 'Ready')?.status === 'True'
  )
}
