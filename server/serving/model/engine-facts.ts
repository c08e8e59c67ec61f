import { isRecord } from '#server/platform/model/is-record.ts'
/** Servers whose parameters differ; `demo` is the solver of the demo, `other` any that says nothing we know. */
export const engineKinds = ['vllm', 'sglang', 'llamacpp', 'demo', 'other'] as const
export type EngineKind = (typeof engineKinds)[number]

/** What an engine says of itself at `GET /v1/models`. */
export type EngineFacts = {
  kind: EngineKind
  models: string[]
  /** Tokens of prompt and answer together, where it says so. */
  contextTokens?: number
}

/** Whether an engine answers, and why not. */
export const engineStates = [
  'answers',
  'loading',
  'key-refused',
  'unreachable',
  'malformed',
] as const
export type EngineState = (typeof engineStates)[number]

/** What was seen of the engine behind one ring. `replaced`: another server stands in its place (INFERENCE_URL). */
export type EngineSeen = { state: EngineState; replaced: boolean; facts?: EngineFacts }

const kindOf: Record<string, EngineKind> = {
  vllm: 'vllm',
  sglang: 'sglang',
  llamacpp: 'llamacpp',
  'llama.cpp': 'llamacpp',
  bindery: 'demo',
}
const modelsMax = 20
const idCharsMax = 200

/**
 * Reads `/v1/models` of vLLM and SGLang (`max_model_len`) and llama.cpp (`meta.n_ctx`); undefined where it is no list.
 * A context is the smallest that a listed model says: an adapter may have less than its base.
 */
export function readEngineFacts(json: unknown): EngineFacts | undefined {
  if (!isRecord(json) || !Array.isArray(json.data)) return undefined
  const models = json.data.filter(isRecord).slice(0, modelsMax)
  const ids = models.flatMap(({ id }) => (typeof id === 'string' ? id.slice(0, idCharsMax) : []))
  const owner = models.map(({ owned_by }) => owned_by).find((one) => typeof one === 'string')
  const contexts = models.flatMap((model) => contextOf(model) ?? [])
  return {
    kind: (typeof owner === 'string' && kindOf[owner.toLowerCase()]) || 'other',
    models: ids,
    ...(contexts.length > 0 && { contextTokens: Math.min(...contexts) }),
  }
}

function contextOf({ max_model_len: length, meta }: Record<string, unknown>): number | undefined {
  const said = length ?? (isRecord(meta) ? meta.n_ctx : undefined)
  return typeof said === 'number' && Number.isSafeInteger(said) && said > 0 ? said : undefined
}

export type EngineDifference = 'model' | 'context'

/** Where the engine is another than the ModelService says; a larger context is no fault. */
export function engineDifferences(
  { models, contextTokens }: EngineFacts,
  said: { model: string; contextTokens: number },
): EngineDifference[] {
  const differences: EngineDifference[] = []
  if (models.length > 0 && !models.includes(said.model)) differences.push('model')
  if (contextTokens !== undefined && contextTokens < said.contextTokens) differences.push('context')
  return differences
}
