import type { AskedView, ConversationView } from '#server/playground/views/conversation-views.ts'

/** The conversation with what was just asked in it; whatever it holds already is not doubled. */
export function withAsked(
  before: ConversationView | undefined,
  asked: AskedView,
): ConversationView {
  const { questions = [], generations = [] } = before ?? {}
  return {
    ...asked.conversation,
    questions: [...questions.filter(({ id }) => id !== asked.question.id), asked.question].sort(
      byTime,
    ),
    generations: [
      ...generations.filter(({ id }) => !asked.generations.some((one) => one.id === id)),
      ...asked.generations,
    ],
  }
}

function byTime(a: { createdAt: string }, b: { createdAt: string }): number {
  return a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0
}
