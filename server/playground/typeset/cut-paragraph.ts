import { readMath } from './math-spans.ts'

/** A paragraph is cut before this, between two words that stand outside of formulas and code. */
const cutBefore = 12_000
/** It is looked at when it has grown to these: a formula may go on for so long behind the cut. */
export const paragraphLooks = [16_000, 40_000]

/** Where a paragraph is cut of which this is the beginning; undefined where more has to be seen, unless it is the last look. */
export function cutParagraph(head: string, isLast: boolean): number | undefined {
  return cutIn(head) ?? (isLast ? wholeSign(head, cutBefore) : undefined)
}

function cutIn(text: string): number | undefined {
  const { spans } = readMath(text)
  const candidates = /\s(?=\p{L}{2})|[\u3002\uff0c\uff1b\uff1a\uff01\uff1f]/gu
  let best: number | undefined
  let span = 0
  let hard: number | undefined
  for (const { index, 0: sign } of text.matchAll(candidates)) {
    const at = index + sign.length
    while ((spans[span]?.end ?? text.length) <= at && span < spans.length) span++
    const { start = text.length, end = text.length } = spans[span] ?? {}
    if (at > start && at < end) continue
    if (at <= cutBefore) best = at
    else {
      hard ??= at
      break
    }
  }
  if (best !== undefined && best > cutBefore / 2) return best
  if (hard !== undefined) return hard
  // No words at all: between two signs, and not within a formula.
  const around = spans.find(({ start, end }) => start < cutBefore && end > cutBefore)
  if (around) return around.end < text.length ? around.end : best
  return wholeSign(text, cutBefore)
}

function wholeSign(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text[at] ?? '') ? at - 1 : at
}
