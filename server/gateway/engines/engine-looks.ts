import type { Agent } from 'undici'
import {
  type EngineFacts,
  type EngineState,
  readEngineFacts,
} from '#server/serving/model/engine-facts.ts'

export type EngineLook = { state: EngineState; facts?: EngineFacts }

export type EngineLooks = {
  /** What the engine says of itself, at most `keepMs` old; never throws. */
  look(base: URL, key: string | undefined): Promise<EngineLook>
}

const answerBytesMax = 200_000
const lookTimes = { keepMs: 15_000, answerMs: 3_000 }
/** Model services have a ring or two each. */
const keptMax = 500

/** Asks engines for `/v1/models`; those who ask within `keepMs` share one answer. */
export function engineLooks(agent: Agent, { keepMs, answerMs } = lookTimes): EngineLooks {
  const kept = new Map<string, { untilMs: number; look: Promise<EngineLook> }>()
  return {
    look(base, key) {
      const address = `${base.origin}${base.pathname.replace(/\/+$/, '')}`
      const found = kept.get(address)
      if (found && found.untilMs > performance.now()) return found.look
      const look = ask(agent, base, key, answerMs)
      kept.delete(address)
      kept.set(address, { untilMs: performance.now() + keepMs, look })
      const [oldest] = kept.keys()
      if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest)
      return look
    },
  }
}

async function ask(
  agent: Agent,
  base: URL,
  key: string | undefined,
  answerMs: number,
): Promise<EngineLook> {
  try {
    const { statusCode, body } = await agent.request({
      origin: base.origin,
      path: `${base.pathname.replace(/\/+$/, '')}/v1/models`,
      method: 'GET',
      headers: { accept: 'application/json', ...engineAuthorization(key) },
      signal: AbortSignal.timeout(answerMs),
    })
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length > answerBytesMax) return { state: 'malformed' }
    }
    if (statusCode === 401 || statusCode === 403) return { state: 'key-refused' }
    if (statusCode === 503) return { state: 'loading' }
    const facts = statusCode === 200 ? readEngineFacts(parse(text)) : undefined
    return facts ? { state: 'answers', facts } : { state: 'malformed' }
  } catch {
    return { state: 'unreachable' }
  }
}

/** The header by which vLLM, SGLang and llama.cpp know who may ask (`--api-key`). */
export function engineAuthorization(key: string | undefined): { authorization?: string } {
  return key === undefined ? {} : { authorization: `Bearer ${key}` }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
