import { Agent } from 'undici'
import { AppError } from '#server/platform/model/errors.ts'
import { callerHeader, speakForHeader } from '#server/platform/model/names.ts'
import { traceHeaders } from '#server/platform/tracing/spans.ts'
import { parseModelList } from './chat-chunk.ts'
import { translateEngineAnswer, translateEngineFailure } from './translate-engine-error.ts'

export type GatewayClient = {
  readonly url: string
  readonly agent: Agent
  /** Our own ServiceAccount's token for the gateway's audience, renewed by whoever gives it. */
  token(): Promise<string>
}

export type OnBehalf = {
  binding: { namespace: string; name: string }
  caller: string
  /** Of what the person asked for; the gateway's and the engine's logs have it too. */
  requestId?: string
  signal: AbortSignal
}

/** `requestWaitMs` bounds only the wait for the answer's beginning: a full answer takes minutes. */
export function createGatewayClient(
  url: string,
  token: () => Promise<string>,
  requestWaitMs = 15 * 60_000,
): GatewayClient {
  const agent = new Agent({
    headersTimeout: requestWaitMs,
    bodyTimeout: requestWaitMs,
    connect: { timeout: 5000 },
    connections: null,
  })
  return { url, agent, token }
}

/** Sends one request that speaks for a binding. Answers other than 2xx throw an AppError. */
export async function askGateway(
  client: GatewayClient,
  path: string,
  onBehalf: OnBehalf,
  body?: unknown,
) {
  try {
    const answer = await client.agent.request({
      origin: new URL(client.url).origin,
      path,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${await client.token()}`,
        [speakForHeader]: `${onBehalf.binding.namespace}/${onBehalf.binding.name}`,
        // Names may hold characters that a header may not.
        [callerHeader]: onBehalf.caller.replaceAll(/[^\x20-\x7e]+/g, encodeURIComponent),
        ...(onBehalf.requestId ? { 'x-request-id': onBehalf.requestId } : {}),
        ...traceHeaders(onBehalf.requestId),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: onBehalf.signal,
    })
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer
    const retryAfter = answer.headers['retry-after']
    throw translateEngineAnswer(
      answer.statusCode,
      await answer.body.text(),
      Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
    )
  } catch (error) {
    onBehalf.signal.throwIfAborted()
    throw translateEngineFailure(error)
  }
}

/** The models that the gateway offers to this binding. */
export async function listModels(client: GatewayClient, onBehalf: OnBehalf): Promise<string[]> {
  const answer = await askGateway(client, '/v1/models', onBehalf)
  const models = parseModelList(await answer.body.text())
  if (!models) throw new AppError('bad-gateway', 'The model gateway did not answer with models.')
  return models
}
