export type ChatMessage = { role: 'system' | 'user' | 'assistant'; content: string }

/** What the model is sent: the role, what was said before without its thoughts, and the question. */
export function chatMessages(
  systemPrompt: string,
  before: { question: string; answer: string }[],
  question: string,
): ChatMessage[] {
  const system = systemPrompt.trim()
  return [
    ...(system ? [{ role: 'system' as const, content: system }] : []),
    ...before.flatMap((step) => [
      { role: 'user' as const, content: step.question },
      { role: 'assistant' as const, content: step.answer },
    ]),
    { role: 'user' as const, content: question },
  ]
}

/**
 * The beginning of an answer as the model wrote it, to be gone on with: with its thoughts, which it marks by tags.
 * `closeThinking` ends thoughts that had no end.
 */
export function answerSoFar(
  { reasoning, content }: { reasoning: string; content: string },
  closeThinking: boolean,
): { text: string; from?: 'thinking' | 'answer' } {
  if (reasoning === '') return content === '' ? { text: '' } : { text: content, from: 'answer' }
  if (content === '' && !closeThinking) {
    return { text: `<think>\n${reasoning}`, from: 'thinking' }
  }
  return { text: `<think>\n${reasoning.trimEnd()}\n</think>\n\n${content}`, from: 'answer' }
}
