import type {
  ConversationView,
  GenerationView,
  QuestionView,
} from '#server/playground/views/conversation-views.ts'

/** One step of a branch: a question, those that stand in its place, and what was answered. */
export type Turn = {
  question: QuestionView
  /** Asked at the same place, this one among them, oldest first. */
  siblings: QuestionView[]
  /** All answers to the question, oldest first. */
  answers: GenerationView[]
  /** The one that the branch goes on after. */
  chosen?: GenerationView
}

type Tree = Pick<ConversationView, 'questions' | 'generations'>

/**
 * The branch on which `answer` lies, from the beginning to its end: above it is settled, below it the newest is taken.
 * Without `answer`, or with one that is not there, the newest branch.
 */
export function branchOf(tree: Tree, answer?: string): Turn[] {
  const wanted = wantedAnswers(tree, answer)
  const turns: Turn[] = []
  let after: string | undefined
  for (;;) {
    const place = after
    const siblings = tree.questions.filter((one) => one.after === place)
    const question = siblings.find(({ id }) => wanted.questions.has(id)) ?? siblings.at(-1)
    if (!question) return turns
    const answers = tree.generations.filter((one) => one.question === question.id)
    const chosen = answers.find(({ id }) => wanted.answers.has(id)) ?? answers.at(-1)
    turns.push({ question, siblings, answers, chosen })
    if (!chosen) return turns
    after = chosen.id
  }
}

/** The answer at the end of the newest branch below a question: where switching to that question leads. */
export function newestAnswerUnder(tree: Tree, question: string): string | undefined {
  return tree.generations.findLast((one) => one.question === question)?.id
}

function wantedAnswers(tree: Tree, answer: string | undefined) {
  const answers = new Set<string>()
  const questions = new Set<string>()
  let at = tree.generations.find(({ id }) => id === answer)
  while (at && !answers.has(at.id)) {
    answers.add(at.id)
    questions.add(at.question)
    const { question } = at
    const after = tree.questions.find(({ id }) => id === question)?.after
    at = tree.generations.find(({ id }) => id === after)
  }
  return { answers, questions }
}
