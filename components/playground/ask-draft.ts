import { questionCharsMax } from '#server/domain/ask-limits.ts'
import type { Variant } from '#server/domain/conversation-views.ts'
import type { Preset } from '#server/domain/model-service.ts'

/** How a question is asked, as typed; numbers stay text until it is sent. */
export type AskDraft = {
  systemPrompt: string
  temperature: string
  topP: string
  topK: string
  maxTokens: string
  seed: string
}

export const samplingFields = ['temperature', 'topP', 'topK', 'maxTokens', 'seed'] as const
export type SamplingField = (typeof samplingFields)[number]
export type AskProblem = SamplingField | 'question' | 'questionLong'

export function draftOf(preset: Preset | undefined): AskDraft {
  const { temperature, topP, topK, maxTokens } = preset?.sampling ?? {
    temperature: 1,
    topP: 0.95,
    topK: -1,
    maxTokens: 40_960,
  }
  return {
    systemPrompt: preset?.systemPrompt ?? '',
    temperature: String(temperature),
    topP: String(topP),
    topK: String(topK),
    maxTokens: String(maxTokens),
    seed: '',
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
export function problemsOf(question: string, draft: AskDraft, contextTokens: number): AskProblem[] {
  const within = (text: string, min: number, max: number, whole = false) => {
    const value = numberOf(text)
    return value >= min && value <= max && (!whole || Number.isInteger(value))
  }
  const problems: AskProblem[] = []
  if (question.trim() === '') problems.push('question')
  if (question.length > questionCharsMax) problems.push('questionLong')
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
