import { idOf } from '#server/access/model/binding-names.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { activeGrant } from '#server/access/model/requested-changes.ts'
import { bindingResource } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import { Rollout } from '#server/platform/kube/rollout.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { runResource } from '#server/runs/verbs/run-access.ts'
import { ModelService, type Ring } from '#server/serving/model/model-service.ts'
import { ringOf } from '#server/serving/model/ring-share.ts'
import { type RingWindow, ringWindows } from '#server/serving/model/ring-windows.ts'
import type {
  RingNumbers,
  RingView,
  RolloutView,
  ServiceRingsView,
} from '#server/serving/views/ring-views.ts'

/** Every model service with its rings: who is on them, and how they fared over the window. */
export async function listRings(
  ctx: Context,
  input: { window: RingWindow },
): Promise<ServiceRingsView[]> {
  const namespace = ctx.servingNamespace
  await ctx.authorize({ verb: 'approve', resource: bindingResource, namespace })

  const since = new Date(ctx.now().getTime() - ringWindows[input.window] * 1000)
  const [services, bindings, startRuns] = await Promise.all([
    ctx.kube.list(ModelService, { namespace }),
    ctx.kube.list(ModelBinding),
    ctx.may({ verb: 'create', resource: runResource, namespace }),
  ])
  return Promise.all(
    services.map((service) => {
      const own = bindings.filter(({ spec: { modelService } }) => {
        return modelService.namespace === namespace && modelService.name === service.metadata.name
      })
      return viewOf(ctx, service, own, since, startRuns)
    }),
  )
}

async function viewOf(
  ctx: Context,
  service: ModelService,
  bindings: ModelBinding[],
  since: Date,
  startRuns: boolean,
): Promise<ServiceRingsView> {
  const { namespace = '', name } = service.metadata
  const refs = bindings.map(({ metadata }) => ({
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  }))
  const numbers = await ctx.store.ringUsage(refs, since)
  const rings = await Promise.all(
    (['stable', 'canary'] as const).map(async (ring): Promise<RingView> => {
      const engine = service.spec.engines[ring]?.service
      const counted = numbers.find((one) => one.ring === ring)
      const status = service.status?.engines?.find((one) => one.ring === ring)
      return {
        ring,
        engine,
        readyReplicas: status?.readyReplicas ?? 0,
        image: status?.image,
        digest: status?.digest,
        seen: status?.seen,
        ...tenantsOf(bindings, ring),
        numbers: counted ? numbersOf(counted) : { requests: 0, errors: 0, completionTokens: 0 },
        rollout: engine ? await findRollout(ctx, { namespace, name: engine }) : undefined,
      }
    }),
  )
  const [stable, canary] = rings
  const can: ServiceRingsView['can'] = []
  if (canary?.engine) can.push('move')
  if (startRuns && canary?.digest && canary.readyReplicas > 0 && canary.digest !== stable?.digest) {
    can.push('promote')
  }
  if (startRuns && rings.some(({ rollout }) => rollout)) can.push('steer')
  const { displayName } = service.spec
  return { id: idOf(service), namespace, name, displayName, rings, can }
}

function tenantsOf(bindings: ModelBinding[], ring: Ring): Pick<RingView, 'tenants' | 'arriving'> {
  const counts = new Map<string, number>()
  let arriving = 0
  for (const binding of bindings) {
    const { namespace = '' } = binding.metadata
    const present = activeGrant(binding)?.ring
    if (present === ring) counts.set(namespace, (counts.get(namespace) ?? 0) + 1)
    else if (present && ringOf(binding) === ring) arriving += 1
  }
  const tenants = [...counts].map(([namespace, count]) => ({ namespace, bindings: count }))
  return { tenants: tenants.sort((a, b) => (a.namespace < b.namespace ? -1 : 1)), arriving }
}

function numbersOf({ ring: _ring, ...numbers }: RingNumbers & { ring: string }): RingNumbers {
  return numbers
}

/** Undefined where there is none of that name, or no Argo Rollouts in the cluster. */
async function findRollout(
  ctx: Context,
  ref: { namespace: string; name: string },
): Promise<RolloutView | undefined> {
  try {
    const rollout = await ctx.kube.find(Rollout, ref)
    return rollout && rolloutView(rollout)
  } catch (error) {
    if (error instanceof AppError && error.details.key === 'kube.kindNotServed') return undefined
    throw error
  }
}

function rolloutView({ metadata, spec, status = {} }: Rollout): RolloutView {
  return {
    name: metadata.name,
    phase: status.phase ?? 'Unknown',
    message: status.message ?? '',
    paused: spec.paused === true || (status.pauseConditions ?? []).length > 0,
    aborted: status.abort === true,
    step: status.currentStepIndex,
    steps: spec.strategy?.canary?.steps?.length ?? 0,
  }
}
