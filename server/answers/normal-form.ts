import { compareAnswers } from './compare-answers.ts'

/** An answer in normal form, as LaTeX: what groups of equal answers are shown as. */
export function normalForm(answer: string): string {
  return compareAnswers(answer, answer).a
}
