import { randomUUID } from 'node:crypto'
import { AppError } from '#server/domain/errors.ts'
import type { GenerationRequest, GenerationView } from '#server/domain/views.ts'
import { streamChat } from '#server/inference/chat-stream.ts'
import type { GatewayClient } from '#server/inference/gateway-client.ts'
import { userOf } from './binding-access.ts'
import type { Context } from './context.ts'
import { generationView } from './generation-access.ts'
import type { GenerationHub } from './generation-hub.ts'
import { usableBinding } from './usable-binding.ts'

/** A whole page of answers side by side, in two tabs. */
const activeMax = 16

/** Asks the model on behalf of a binding. The answer streams on whether or not anybody watches at this moment. */
export async function startGeneration(
  ctx: Context,
  request: GenerationRequest,
  through: { gateway: GatewayClient; hub: GenerationHub },
): Promise<GenerationView> {
  const askedMs = performance.now()
  const { service } = await usableBinding(ctx, request.binding)

  const { contextTokens } = service.spec.limits
  if (request.sampling.maxTokens > contextTokens) {
    const message = `The model has room for ${contextTokens} tokens.`
    throw new AppError('unprocessable', message, {
      fields: [{ field: 'sampling.maxTokens', message }],
    })
  }
  const owner = userOf(ctx)
  if (through.hub.activeOf(owner) >= activeMax) {
    const text = `You have ${activeMax} answers running: stop one, or wait until one is done.`
    throw new AppError('quota-exhausted', text, { key: 'generation.tooMany' })
  }

  const { hub, gateway } = through
  const stored = await ctx.store.createGeneration({
    id: randomUUID(),
    owner,
    state: 'running',
    request,
    holder: hub.holder,
  })
  const { messages, sampling, binding } = request
  const question = {
    model: service.spec.model,
    messages,
    sampling,
  }
  hub.start({ id: stored.id, owner, askedMs }, (signal) =>
    streamChat(gateway, question, { binding, caller: owner, signal }),
  )
  return generationView(stored)
}
