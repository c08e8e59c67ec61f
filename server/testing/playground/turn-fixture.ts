import { randomUUID } from 'node:crypto'
import type { NewTurn } from '#server/playground/store/stored-conversation.ts'
import type { Variant } from '#server/playground/views/conversation-views.ts'

export const variant: Variant = {
  binding: { namespace: 'research-team-a', name: 'vibethinker' },
  systemPrompt: '',
  sampling: { temperature: 1, topP: 0.95, topK: -1, maxTokens: 40_960 },
}

/** For tests: a conversation that begins with one question and so many answers. */
export function firstTurn({
  owner = 'ada',
  text = 'Solve $x^2=4$',
  title = 'Quadratics',
  answers = 1,
  holder = 'web-1',
} = {}): NewTurn {
  return {
    conversation: { id: randomUUID(), owner, title },
    question: { id: randomUUID(), text },
    generations: Array.from({ length: answers }, () => ({ id: randomUUID(), request: variant })),
    holder,
  }
}
