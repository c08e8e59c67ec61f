import { ModelBinding } from '#server/access/model/model-binding.ts'
import {
  type BindingContext,
  bindingResource,
  getService,
} from '#server/access/verbs/binding-access.ts'
import { moveRing } from '#server/access/verbs/move-ring.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import { movesFor } from '#server/serving/model/ring-share.ts'
import type {
  MoveShareBody,
  MoveShareView,
  RingMoveView,
} from '#server/serving/views/ring-views.ts'

const atOnce = 8

/** Moves tenants between rings, each binding by a run of its own plan; or only says who would move. */
export async function moveShare(
  ctx: BindingContext,
  input: ObjectRef & MoveShareBody,
): Promise<MoveShareView> {
  const { namespace, name, share, preview, comment } = input
  await ctx.authorize({
    verb: 'approve',
    resource: bindingResource,
    namespace: ctx.servingNamespace,
  })

  const service = await getService(ctx, { namespace, name })
  const bindings = (await ctx.kube.list(ModelBinding)).filter(
    ({ spec: { modelService } }) =>
      modelService.namespace === namespace && modelService.name === name,
  )
  const moves = movesFor(bindings, share)
  if (moves.some(({ to }) => to === 'canary')) refuseMissingCanary(service)
  const failed: MoveShareView['failed'] = []
  if (preview) return { moves, failed }

  const queue = [...moves]
  async function work() {
    for (let move = queue.shift(); move; move = queue.shift()) {
      const why = await moveOne(ctx, move, comment)
      if (why) {
        const { key, values } = why.details
        failed.push({ ...move, message: why.message, key, values })
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return { moves, failed }
}

/** Who decides in one namespace need not in another: each move is asked for on its own. */
async function moveOne(
  ctx: BindingContext,
  { namespace, name, to }: RingMoveView,
  comment: string,
): Promise<AppError | undefined> {
  try {
    await moveRing(ctx, { namespace, name, ring: to, comment })
    return undefined
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}

/** Tenants that are led to an engine that is not there would get nothing but errors. */
function refuseMissingCanary({ spec, status, metadata }: ModelService): void {
  const ready = status?.engines?.find((one) => one.ring === 'canary')?.readyReplicas ?? 0
  if (spec.engines.canary && ready > 0) return
  const text = `No engine runs on the canary ring of ${metadata.name}: it needs a second GPU. Start it first.`
  throw new AppError('unprocessable', text, {
    key: 'rings.noEngine',
    values: { name: metadata.name },
  })
}
