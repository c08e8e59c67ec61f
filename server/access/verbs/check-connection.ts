import type { Context } from '#server/context.ts'
import { streamChat } from '#server/platform/inference/chat-stream.ts'
import { type GatewayClient, listModels } from '#server/platform/inference/gateway-client.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { userOf } from './binding-access.ts'
import { usableBinding } from './usable-binding.ts'

/** Times in milliseconds, as seen from the web. */
export type ConnectionCheck = { models: string[]; modelsMs: number; firstTokenMs: number }

const withinMs = 60_000

/** Uses a binding once, as its tenants do: asks for the models and for one token. */
export async function checkConnection(
  ctx: Context,
  binding: ObjectRef,
  gateway: GatewayClient,
): Promise<ConnectionCheck> {
  const { service } = await usableBinding(ctx, binding)
  const late = AbortSignal.timeout(withinMs)
  const signal = AbortSignal.any([ctx.signal, late])
  try {
    return await useOnce(ctx, binding, service.spec.model, gateway, signal)
  } catch (error) {
    if (!late.aborted) throw error
    throw new AppError('timeout', 'The model took too long to answer.', { cause: error })
  }
}

async function useOnce(
  ctx: Context,
  binding: ObjectRef,
  model: string,
  gateway: GatewayClient,
  signal: AbortSignal,
): Promise<ConnectionCheck> {
  const onBehalf = { binding, caller: userOf(ctx), requestId: ctx.requestId, signal }

  const startedMs = performance.now()
  const models = await listModels(gateway, onBehalf)
  const modelsMs = performance.now() - startedMs

  const askedMs = performance.now()
  const question = {
    model,
    messages: [{ role: 'user' as const, content: 'Say yes.' }],
    sampling: { temperature: 1, topP: 1, topK: -1, maxTokens: 1 },
  }
  for await (const _part of streamChat(gateway, question, onBehalf)) break
  const firstTokenMs = performance.now() - askedMs
  return { models, modelsMs: round(modelsMs), firstTokenMs: round(firstTokenMs) }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
