import type { Preset } from '#server/domain/model-service.ts'
import type { GenerationRequest } from '#server/domain/views.ts'

/** A question as typed; numbers stay text until it is sent. */
export type AskDraft = {
  prompt: string
  systemPrompt: string
  temperature: string
  topP: string
  topK: string
  maxTokens: string
  seed: string
}

export const samplingFields = ['temperature', 'topP', 'topK', 'maxTokens', 'seed'] as const
export type SamplingField = (typeof samplingFields)[number]
export type AskProblem = SamplingField | 'prompt'

export function draftOf(preset: Preset | undefined): AskDraft {
  const { temperature, topP, topK, maxTokens } = preset?.sampling ?? {
    temperature: 1,
    topP: 0.95,
    topK: -1,
    maxTokens: 40_960,
  }
  return {
    prompt: '',
    systemPrompt: preset?.systemPrompt ?? '',
    temperature: String(temperature),
    topP: String(topP),
    topK: String(topK),
    maxTokens: String(maxTokens),
    seed: '',
  }
}

export function requestOf(
  draft: AskDraft,
  binding: { namespace: string; name: string },
): GenerationRequest {
  const system = draft.systemPrompt.trim()
  return {
    binding: { namespace: binding.namespace, name: binding.name },
    messages: [
      ...(system ? [{ role: 'system' as const, content: system }] : []),
      { role: 'user', content: draft.prompt },
    ],
    sampling: {
      temperature: numberOf(draft.temperature),
      topP: numberOf(draft.topP),
      topK: numberOf(draft.topK),
      maxTokens: numberOf(draft.maxTokens),
      ...(draft.seed.trim() === '' ? {} : { seed: numberOf(draft.seed) }),
    },
  }
}

/** Which inputs cannot be sent as they are. */
export function problemsOf(draft: AskDraft, contextTokens: number): AskProblem[] {
  const within = (text: string, min: number, max: number, whole = false) => {
    const value = numberOf(text)
    return value >= min && value <= max && (!whole || Number.isInteger(value))
  }
  const problems: AskProblem[] = []
  if (draft.prompt.trim() === '') problems.push('prompt')
  if (!within(draft.temperature, 0, 2)) problems.push('temperature')
  if (!within(draft.topP, Number.MIN_VALUE, 1)) problems.push('topP')
  if (draft.topK.trim() === '0' || !within(draft.topK, -1, 1000, true)) problems.push('topK')
  if (!within(draft.maxTokens, 1, contextTokens, true)) problems.push('maxTokens')
  if (draft.seed.trim() !== '' && !within(draft.seed, 0, 2 ** 31 - 1, true)) problems.push('seed')
  return problems
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
