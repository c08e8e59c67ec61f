import {
  type EngineRef,
  type EngineStatus,
  ModelService,
  type Ring,
} from '#server/domain/access/model-service.ts'
import { canonicalJson } from '#server/domain/canonical-json.ts'
import { timestamp } from '#server/domain/conditions.ts'
import { type Condition, conditionOf } from '#server/domain/kubernetes.ts'
import type { Pod, Service } from '#server/kube/kinds.ts'
import type { ControllerContext } from './binding-world.ts'

/** What stands in the serving namespace, as the controller's watches know it. */
export type ServingView = {
  services: readonly Service[]
  pods: readonly Pod[]
  /** Ready pods of the gateway, by the service's name. */
  gatewayReady(serviceName: string): number
}

/** Writes into the status what engines are ready, from which image, and whether the service can be used. */
export async function refreshServiceStatus(
  ctx: Pick<ControllerContext, 'kube' | 'now'>,
  service: ModelService,
  serving: ServingView,
): Promise<void> {
  const { engines } = service.spec
  const statuses = [engineStatus('stable', engines.stable, serving)]
  if (engines.canary) statuses.push(engineStatus('canary', engines.canary, serving))
  const ready = readiness(service, statuses, serving)
  const old = conditionOf(service.status?.conditions, 'Ready')
  const { generation = 1 } = service.metadata
  const condition: Condition = {
    type: 'Ready',
    ...ready,
    observedGeneration: generation,
    lastTransitionTime:
      old?.status === ready.status ? old.lastTransitionTime : timestamp(ctx.now()),
  }
  const others = (service.status?.conditions ?? []).filter((one) => one.type !== 'Ready')
  const status = {
    observedGeneration: generation,
    conditions: [...others, condition],
    engines: statuses,
  }
  if (canonicalJson(status) === canonicalJson(service.status ?? {})) return
  await ctx.kube.replaceStatus(ModelService, { ...service, status })
}

function readiness(
  service: ModelService,
  engines: EngineStatus[],
  serving: ServingView,
): Pick<Condition, 'status' | 'reason' | 'message'> {
  const stable = service.spec.engines.stable.service
  if (!engines.some((one) => one.ring === 'stable' && one.readyReplicas > 0)) {
    const message = `No engine is ready behind ${stable}.`
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
