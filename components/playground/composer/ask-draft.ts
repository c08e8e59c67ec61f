import { stopsMax } from '#server/platform/inference/model/sampling-limits.ts'
import type { SamplingChoice } from '#server/platform/inference/model/sampling-schema.ts'
import { questionCharsMax } from '#server/playground/model/ask-limits.ts'
import type { Variant } from '#server/playground/views/conversation-views.ts'

/** How a question is asked, as typed; numbers stay text until it is sent. */
export type AskDraft = {
  systemPrompt: string
  temperature: string
  topP: string
  topK: string
  maxTokens: string
  seed: string
  repetitionPenalty: string
  /** One text per line. */
  stop: string
  repetitionDetection: boolean
}

export const samplingFields = [
  'temperature',
  'topP',
  'topK',
  'maxTokens',
  'seed',
  'repetitionPenalty',
] as const
export type SamplingField = (typeof samplingFields)[number] | 'stop'
export type AskProblem = SamplingField | 'question' | 'questionLong'

const evaluated: SamplingChoice = { temperature: 1, topP: 0.95, topK: -1, maxTokens: 40_960 }

export function draftOf(
  preset: { systemPrompt: string; sampling: SamplingChoice } | undefined,
): AskDraft {
  const sampling = preset?.sampling ?? evaluated
  return {
    systemPrompt: preset?.systemPrompt ?? '',
    temperature: String(sampling.temperature),
    topP: String(sampling.topP),
    topK: String(sampling.topK),
    maxTokens: String(sampling.maxTokens),
    seed: String(sampling.seed ?? ''),
    repetitionPenalty: String(sampling.repetitionPenalty ?? 1),
    stop: (sampling.stop ?? []).join('\n'),
    repetitionDetection: sampling.repetitionDetection ?? false,
  }
}

export function samplingOf(draft: AskDraft): SamplingChoice {
  const stop = stopsOf(draft)
  const repetitionPenalty = numberOf(draft.repetitionPenalty)
  return {
    temperature: numberOf(draft.temperature),
    topP: numberOf(draft.topP),
    topK: numberOf(draft.topK),
    maxTokens: numberOf(draft.maxTokens),
    ...(draft.seed.trim() === '' ? {} : { seed: numberOf(draft.seed) }),
    ...(stop.length > 0 ? { stop } : {}),
    ...(repetitionPenalty === 1 ? {} : { repetitionPenalty }),
    ...(draft.repetitionDetection ? { repetitionDetection: true } : {}),
  }
}

export function variantOf(
  draft: AskDraft,
  binding: { namespace: string; name: string },
  preset: string | undefined,
): Variant {
  return {
    binding: { namespace: binding.namespace, name: binding.name },
    ...(preset === undefined ? {} : { preset }),
    systemPrompt: draft.systemPrompt.trim(),
    sampling: samplingOf(draft),
  }
}

/** Which inputs cannot be sent as they are. */
export function problemsOf(question: string, draft: AskDraft, contextTokens: number): AskProblem[] {
  const problems: AskProblem[] = samplingProblems(draft, contextTokens)
  if (question.length > questionCharsMax) problems.unshift('questionLong')
  if (question.trim() === '') problems.unshift('question')
  return problems
}

export function samplingProblems(draft: AskDraft, contextTokens: number): SamplingField[] {
  const within = (text: string, min: number, max: number, whole = false) => {
    const value = numberOf(text)
    return value >= min && value <= max && (!whole || Number.isInteger(value))
  }
  const problems: SamplingField[] = []
  if (!within(draft.temperature, 0, 2)) problems.push('temperature')
  if (!within(draft.topP, Number.MIN_VALUE, 1)) problems.push('topP')
  if (draft.topK.trim() === '0' || !within(draft.topK, -1, 1000, true)) problems.push('topK')
  if (!within(draft.maxTokens, 1, contextTokens, true)) problems.push('maxTokens')
  if (draft.seed.trim() !== '' && !within(draft.seed, 0, 2 ** 31 - 1, true)) problems.push('seed')
  if (!within(draft.repetitionPenalty, 0.5, 2)) problems.push('repetitionPenalty')
  const stop = stopsOf(draft)
  if (stop.length > stopsMax || stop.some(({ length }) => length > 200)) problems.push('stop')
  return problems
}

/** Where a value is known to do harm to this kind of model. Advice, never a refusal. */
export function samplingWarnings(draft: AskDraft): SamplingField[] {
  const sampling = samplingOf(draft)
  const warnings: SamplingField[] = []
  if (sampling.temperature === 0 || sampling.temperature > 1.2) warnings.push('temperature')
  if (sampling.topP < 0.5) warnings.push('topP')
  if (sampling.topK > 0 && sampling.topK < 10) warnings.push('topK')
  if (sampling.maxTokens < 8192) warnings.push('maxTokens')
  if (sampling.seed !== undefined) warnings.push('seed')
  const penalty = sampling.repetitionPenalty ?? 1
  if (penalty > 1.1 || penalty < 1) warnings.push('repetitionPenalty')
  if (sampling.stop) warnings.push('stop')
  return warnings
}

function stopsOf({ stop }: AskDraft): string[] {
  return stop.split('\n').filter((line) => line !== '')
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
