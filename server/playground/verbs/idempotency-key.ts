import { createHash } from 'node:crypto'

/**
 * What is wished for, and the newest answer that whoever wishes has seen: the same wish of two windows is one, and the
 * next wish of a window that has seen its answer is another.
 */
export function idempotencyKeyOf(what: { newest: string } & Record<string, unknown>): string {
  return createHash('sha256').update(JSON.stringify(what)).digest('hex')
}

/** The newest answer to a question, of all that its conversation holds. */
export function newestAnswerOf(generations: { id: string; question: string }[], question: string) {
  return generations.findLast((one) => one.question === question)?.id
}
