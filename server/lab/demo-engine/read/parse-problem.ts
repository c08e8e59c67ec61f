import {
  type Expression,
  parseExpression,
  variablesOf,
} from '#server/lab/demo-engine/algebra/expression.ts'
import type { Percent } from '#server/lab/demo-engine/solve/solve-counting.ts'
import type { Equation } from '#server/lab/demo-engine/solve/solve-equation.ts'
import type { Bounds } from '#server/lab/demo-engine/solve/solve-integral.ts'
import type { Sum } from '#server/lab/demo-engine/solve/solve-sum.ts'
import { parseCountingProblem } from './parse-counting.ts'
import { readLatex } from './read-latex.ts'
import { formulasIn, readSpokenMath, withoutGrouping } from './read-words.ts'

export type Problem =
  | { kind: 'arithmetic'; expression: Expression }
  | { kind: 'equation'; equation: Equation; variable?: string }
  | { kind: 'system'; equations: Equation[] }
  | { kind: 'derivative'; expression: Expression; variable: string; order: number }
  | { kind: 'integral'; expression: Expression; variable: string; bounds?: Bounds }
  | { kind: 'rewriting'; how: 'factor' | 'expand' | 'simplify'; expression: Expression }
  | { kind: 'sum'; sum: Sum }
  | { kind: 'primality' | 'factorisation'; n: bigint }
  | { kind: 'gcd' | 'lcm'; values: bigint[] }
  | { kind: 'modular'; base: bigint; exponent: bigint; modulus: bigint }
  | { kind: 'choose' | 'arrange'; n: bigint; k: bigint }
  | { kind: 'percent'; percent: Percent }
  | { kind: 'primes'; count: number }
  | { kind: 'proof'; steps: number }

const proofStepsMax = 2500

/** Finds the problem in a message of English and LaTeX; undefined where there is none. Throws CannotSolve where a formula cannot be read. */
export function parseProblem(message: string): Problem | undefined {
  const text = withoutGrouping(readLatex(message))
  return (
    longRequest(text) ??
    calculus(text) ??
    parseCountingProblem(text) ??
    equations(readSpokenMath(text)) ??
    rewriting(readSpokenMath(text)) ??
    arithmetic(readSpokenMath(text))
  )
}

function longRequest(text: string): Problem | undefined {
  const primes = /\b(?:first|list)\s+(\d{1,6})\s+prime/i.exec(text)
  if (primes) return { kind: 'primes', count: Math.max(1, Number(primes[1])) }
  const proof = /\bproof\s+(?:of|with|in)\s+(\d{1,5})\s+steps/i.exec(text)
  return proof
    ? { kind: 'proof', steps: Math.max(1, Math.min(proofStepsMax, Number(proof[1]))) }
    : undefined
}

const orders: Record<string, number> = {
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
}

function calculus(text: string): Problem | undefined {
  const spoken = readSpokenMath(text.replace(/\bd\s*\/\s*d([a-z])\b/g, ' derivative #1 $1 of '))
  if (/\bderivative\b|\bdifferentiate\b/i.test(spoken)) return derivative(spoken)
  return /\bintegra(l|te)\b|\banti-?derivative\b/i.test(spoken) ? integral(spoken) : undefined
}

/** What stands on the right of `y =`, `f(x) =`; the formula itself elsewhere. */
function rightSide(formula: string): string {
  return /^\s*[a-zA-Z]\s*'?\s*(\(\s*[a-z]\s*\))?\s*=(.+)$/s.exec(formula)?.[2] ?? formula
}

function derivative(text: string): Problem | undefined {
  const marked = /derivative #(\d) ([a-z]) of([\s\S]*)/.exec(text)
  const word = /\b(first|second|third|fourth|fifth|sixth)\s+derivative/i.exec(text)?.[1]
  const named = /with respect to\s+([a-z])\b|\bwrt\s+([a-z])\b/i.exec(text)
  const rest = (marked?.[3] ?? text).replace(/with respect to\s+[a-z]\b|\bwrt\s+[a-z]\b/i, ' , ')
  const formula = longest(formulasIn(rest).map(rightSide))
  if (!formula) return undefined
  const expression = parseExpression(formula)
  const variable = marked?.[2] ?? named?.[1] ?? named?.[2] ?? preferred(expression)
  const order = marked ? Number(marked[1]) : (orders[word?.toLowerCase() ?? ''] ?? 1)
  return { kind: 'derivative', expression, variable, order }
}

function preferred(expression: Expression): string {
  const variables = variablesOf(expression)
  return ['x', 't', 'y', 'z'].find((name) => variables.includes(name)) ?? variables[0] ?? 'x'
}

function integral(text: string): Problem | undefined {
  const bounds =
    /\bfrom\s+(?:[a-z]\s*=\s*)?(.+?)\s+to\s+(?:[a-z]\s*=\s*)?(\S.*?)(?=\s+of\b|\s*[?,;]|\.\s|\.?\s*$|\s+with\b)/i.exec(
      text,
    )
  const between = /\bbetween\s+(\S+)\s+and\s+(\S+?)(?=[\s?,;.]|$)/i.exec(text)
  const range = bounds ?? between
  const rest = range ? text.replace(range[0], ' , ') : text
  const by = /\bd\s?([a-z])\b(?!\w)/.exec(rest)
  const named = /with respect to\s+([a-z])\b/i.exec(rest)
  const clean = rest.replace(/\bd\s?[a-z]\b/g, ' , ').replace(/with respect to\s+[a-z]\b/i, ' , ')
  const formula = longest(formulasIn(clean.replace(/(?<=[a-z\d)])d[a-z]\b/g, ' , ')).map(rightSide))
  if (!formula) return undefined
  const expression = parseExpression(formula)
  const tight = /[a-z\d)]d([a-z])\b/.exec(rest)
  const variable = by?.[1] ?? named?.[1] ?? tight?.[1] ?? preferred(expression)
  if (!range) return { kind: 'integral', expression, variable }
  const [from, to] = [range[1] ?? '', range[2] ?? ''].map((bound) => parseExpression(bound))
  return from && to ? { kind: 'integral', expression, variable, bounds: { from, to } } : undefined
}

function longest(formulas: string[]): string | undefined {
  return formulas.reduce<string | undefined>(
    (best, formula) => (formula.length > (best?.length ?? 0) ? formula : best),
    undefined,
  )
}

function equations(text: string): Problem | undefined {
  const found = formulasIn(text)
    .filter((formula) => /^[^=]+=[^=]+$/.test(formula))
    .map((formula): Equation => {
      const [left = '', right = ''] = formula.split('=')
      return { left: parseExpression(left), right: parseExpression(right) }
    })
  const [first] = found
  if (!first) return undefined
  if (found.length > 1) return { kind: 'system', equations: found }
  const variable =
    /\b(?:solve for|for|find|what is|isolate|value of)\s+([a-z])\b(?!\s*[=(^*+/])/i.exec(text)?.[1]
  return { kind: 'equation', equation: first, ...(variable ? { variable } : {}) }
}

function rewriting(text: string): Problem | undefined {
  const word = /\b(factor(?:i[sz]e)?|expand|simplify|roots?|zeros?)\b/i
    .exec(text)?.[1]
    ?.toLowerCase()
  const formula = word && longest(formulasIn(text).filter((part) => /[a-z]/i.test(part)))
  if (!formula) return undefined
  const expression = parseExpression(formula)
  if (variablesOf(expression).length === 0) return undefined
  if (/^(root|zero)/.test(word))
    return { kind: 'equation', equation: { left: expression, right: parseExpression('0') } }
  const how = word.startsWith('factor') ? 'factor' : word === 'expand' ? 'expand' : 'simplify'
  return { kind: 'rewriting', how, expression }
}

function arithmetic(text: string): Problem | undefined {
  const formulas = formulasIn(text.replace(/=\s*\??\s*$/, ' ')).filter((part) =>
    /[\d]|\bpi\b|\be\b/.test(part),
  )
  const formula = longest(formulas.filter((part) => /[+\-*/^!]|sqrt|log|sin|cos|tan/.test(part)))
  if (!formula) return undefined
  const expression = parseExpression(formula)
  const variables = variablesOf(expression)
  if (variables.length === 0) return { kind: 'arithmetic', expression }
  // What else is to be done with it is not said, or in words that are not known.
  return /\bsimplif/i.test(text) ? { kind: 'rewriting', how: 'simplify', expression } : undefined
}
