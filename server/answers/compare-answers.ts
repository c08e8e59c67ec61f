import { startAtoms } from './exact/atom.ts'
import { canonical } from './exact/canonical.ts'
import { formOf } from './form-of.ts'
import type { ParsedAnswer } from './parse/parse-answer.ts'
import { parseAnswer } from './parse/parse-answer.ts'
import { compareNamed } from './rules/compare-read.ts'
import { equal, type Outcome, open, type Verdict } from './rules/outcome.ts'
import { readAnswer } from './rules/read-answer.ts'
import { attempt, fullWork, startWork, undecidedRule } from './work.ts'

export type Comparison = {
  verdict: Verdict
  /** What decided, or why nothing did; one of a fixed number of English phrases. */
  rule: string
  /** Both answers in normal form, as LaTeX; what cannot be read stands as it was written. */
  a: string
  b: string
}

/** Reasons for which the same text still has the same meaning. */
const readable =
  /^(?:text changes the meaning|limit or integral|approximate value|norm|unknown command|comma between|values beside|and beside or|several signs|ellipsis|decimal with|unit without|1\/2x|argument of a function|two numbers)/

/**
 * Compares two final answers exactly, without context. Symmetric; what is equal to one thing is never different from
 * each other. Never throws, takes a bounded time (see work.ts), decides nothing by floating-point numbers.
 */
export function compareAnswers(a: string, b: string): Comparison {
  const [x, y] = a <= b ? [a, b] : [b, a]
  startWork()
  startAtoms()
  const left = parsed(x)
  const right = parsed(y)
  const { verdict, rule } = outcomeOf(left, right)
  const forms = new Map([
    [x, shown(left, x)],
    [y, shown(right, y)],
  ])
  return { verdict, rule, a: forms.get(a) ?? a, b: forms.get(b) ?? b }
}

type Parsed = ParsedAnswer | { failed: string; text: string }

function parsed(text: string): Parsed {
  try {
    return parseAnswer(text)
  } catch (error) {
    return { failed: undecidedRule(error), text: text.slice(0, 4000).replace(/\s+/g, ' ').trim() }
  }
}

function outcomeOf(a: Parsed, b: Parsed): Outcome {
  if ('failed' in a || 'failed' in b) {
    const rule = 'failed' in a ? a.failed : 'failed' in b ? b.failed : ''
    if ('failed' in a && 'failed' in b && a.text === b.text && readable.test(rule))
      return equal('same text')
    return open(rule)
  }
  if (a.text === b.text && !hasNoValue(a)) return equal('same text')
  try {
    return compareNamed(readAnswer(a.node), readAnswer(b.node))
  } catch (error) {
    return open(undecidedRule(error))
  }
}

/** 0/0 is not even equal to itself. */
function hasNoValue({ node }: ParsedAnswer): boolean {
  try {
    canonical(node)
    return false
  } catch (error) {
    return ['0/0', 'division by zero', '0^0', 'logarithm of zero'].includes(undecidedRule(error))
  }
}

function shown(answer: Parsed, text: string): string {
  if ('failed' in answer) return text.slice(0, 4000)
  startWork(fullWork / 8)
  return attemptForm(answer) ?? answer.text.slice(0, 4000)
}

function attemptForm({ node }: ParsedAnswer): string | undefined {
  try {
    return attempt(() => formOf(node))
  } catch (error) {
    undecidedRule(error)
    return undefined
  }
}
