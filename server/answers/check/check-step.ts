import { canonical } from '#server/answers/exact/canonical.ts'
import { decideZero, isReal, signOfConstant } from '#server/answers/exact/decide-zero.ts'
import { fractionOf, subtract } from '#server/answers/exact/fraction.ts'
import { compareRational, type Rational, rational } from '#server/answers/exact/rational.ts'
import type { Fraction } from '#server/answers/exact/term.ts'
import type { Node } from '#server/answers/parse/node.ts'
import { printFraction } from '#server/answers/print-latex.ts'
import { compareExpressions } from '#server/answers/rules/compare-expressions.ts'
import { allReals, intersection, type RealSet, without } from '#server/answers/rules/real-set.ts'
import { solveInequality } from '#server/answers/rules/solve-inequality.ts'
import { freeVariables } from '#server/answers/rules/walk.ts'
import { attempt, undecidedRule } from '#server/answers/work.ts'

/** Values of the variables, and of both sides there, as LaTeX. */
export type Counterexample = { values: Record<string, string>; left?: string; right?: string }

export type Step =
  | { verdict: 'holds' }
  | { verdict: 'fails'; counterexample: Counterexample }
  | { verdict: 'unknown'; reason: string }

type Assumed = { integers: readonly string[]; positive: readonly string[] }

const points: readonly Rational[] = [
  rational(7n, 3n),
  rational(-11n, 5n),
  rational(1n, 2n),
  rational(-3n),
  rational(5n),
  rational(2n),
  rational(-1n, 7n),
  rational(1n),
]

/** One comparison a op b, over all values that the variables may take. */
export function checkStep(left: Node, op: string, right: Node, assumed: Assumed): Step {
  try {
    if (op === '=') return checkEquality(left, right, assumed)
    return ['<', '>', '<=', '>=', '!='].includes(op)
      ? checkInequality(left, op, right, assumed)
      : unknown('relation that is not checked')
  } catch (error) {
    return unknown(undecidedRule(error))
  }
}

function unknown(reason: string): Step {
  return { verdict: 'unknown', reason }
}

function checkEquality(left: Node, right: Node, assumed: Assumed): Step {
  const outcome = compareExpressions(left, right)
  if (outcome.verdict === 'equal') return { verdict: 'holds' }
  const own = freeVariables(left)
  const others = freeVariables(right)
  const names = [...new Set([...own, ...others])].sort()
  if (outcome.verdict === 'undecided' && names.length === 0) return unknown(outcome.rule)
  // An equation between different variables, or with a number, is there to be solved or defines a name.
  if (own.size !== others.size || [...own].some((name) => !others.has(name)))
    return unknown('an equation to solve or a definition')
  const found = counterexample(left, '=', right, names, assumed)
  return found
    ? { verdict: 'fails', counterexample: found }
    : unknown(
        outcome.verdict === 'undecided'
          ? outcome.rule
          : 'no counterexample among the values assumed',
      )
}

function checkInequality(left: Node, op: string, right: Node, assumed: Assumed): Step {
  const names = [...new Set([...freeVariables(left), ...freeVariables(right)])].sort()
  const found = counterexample(left, op, right, names, assumed)
  if (names.length === 0)
    return found ? { verdict: 'fails', counterexample: found } : constantHolds(left, op, right)
  const isBound = (node: Node) => node.k === 'sym' || freeVariables(node).size === 0
  if (isBound(left) && isBound(right)) return unknown('a condition on a variable')
  const [variable] = names
  if (names.length === 1 && variable) {
    const domain = domainOf(variable, assumed)
    const outside = attempt(() =>
      without(domain, intersection(domain, solveInequality(left, op, right, variable))),
    )
    if (outside?.length === 0) return { verdict: 'holds' }
  }
  return found
    ? { verdict: 'fails', counterexample: found }
    : unknown('no counterexample and no proof')
}

function domainOf(name: string, assumed: Assumed): RealSet {
  if (!assumed.positive.includes(name)) return allReals
  const nought = fractionOf(rational(0n))
  return [{ lo: nought, hi: undefined, loClosed: false, hiClosed: false }]
}

function constantHolds(left: Node, op: string, right: Node): Step {
  const test = truth(canonical(left), op, canonical(right))
  return test === true ? { verdict: 'holds' } : unknown('not separated by 1,000 bits')
}

/** Values at which the comparison is certainly false. */
function counterexample(
  left: Node,
  op: string,
  right: Node,
  names: readonly string[],
  assumed: Assumed,
): Counterexample | undefined {
  for (let round = 0; round < (names.length === 0 ? 1 : points.length); round++) {
    const values = new Map<string, Fraction>()
    for (const [at, name] of names.entries()) {
      const value = valueFor(
        name,
        points[(round + 3 * at) % points.length] ?? rational(1n),
        assumed,
      )
      values.set(name, fractionOf(value))
    }
    const sides = attempt(() => [canonical(left, values), canonical(right, values)] as const)
    if (!sides || attempt(() => truth(sides[0], op, sides[1])) !== false) continue
    const shown = (value: Fraction) => attempt(() => printFraction(value))
    return {
      values: Object.fromEntries([...values].map(([name, value]) => [name, shown(value) ?? ''])),
      ...printed('left', shown(sides[0])),
      ...printed('right', shown(sides[1])),
    }
  }
  return undefined
}

function printed(side: 'left' | 'right', latex: string | undefined): Partial<Counterexample> {
  return latex === undefined ? {} : { [side]: latex }
}

function valueFor(name: string, point: Rational, assumed: Assumed): Rational {
  const isInteger = assumed.integers.includes(name)
  const whole = isInteger ? rational(point.d === 1n ? point.n : point.n / point.d + 4n) : point
  const isNegative = compareRational(whole, rational(0n)) <= 0
  return assumed.positive.includes(name) && isNegative
    ? rational(whole.n === 0n ? 1n : -whole.n, whole.d)
    : whole
}

/** Undefined where it is not decided. */
function truth(left: Fraction, op: string, right: Fraction): boolean | undefined {
  const difference = subtract(left, right)
  if (op === '=' || op === '!=') {
    const test = decideZero(difference)
    return test === 'unknown' ? undefined : (test === 'zero') === (op === '=')
  }
  if (!isReal(left) || !isReal(right)) return undefined
  const sign = signOfConstant(difference)
  if (sign === undefined) return undefined
  if (sign === 0) return op.endsWith('=')
  return op.startsWith('<') ? sign < 0 : sign > 0
}
