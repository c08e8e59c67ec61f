import { atomsIn } from '#server/answers/exact/atom.ts'
import { canonical } from '#server/answers/exact/canonical.ts'
import {
  decideZero,
  isConstant,
  isReal,
  signOfConstant,
} from '#server/answers/exact/decide-zero.ts'
import { fractionOf, subtract } from '#server/answers/exact/fraction.ts'
import { type Rational, rational } from '#server/answers/exact/rational.ts'
import type { Fraction } from '#server/answers/exact/term.ts'
import type { Node } from '#server/answers/parse/node.ts'
import { attempt, spend, withWork, workLeft } from '#server/answers/work.ts'
import { different, equal, type Outcome, open } from './outcome.ts'
import { freeVariables, mapNode, replaceSymbol, shiftDecimals, someNode } from './walk.ts'

/** Points at which formulas with free variables are compared; the first ones suit counting numbers. */
const pointsTried = 7
const halves: readonly Rational[] = [
  rational(7n, 3n),
  rational(-11n, 5n),
  rational(13n, 4n),
  rational(-3n, 7n),
  rational(17n, 6n),
  rational(5n, 9n),
  rational(-19n, 8n),
]

/** Two single values: numbers or formulas with free variables. */
export function compareExpressions(a: Node, b: Node): Outcome {
  spend(40)
  const bare = (node: Node) =>
    someNode(node, (part) => part.k === 'call' && part.name === 'log' && part.args.length === 1)
  if (!bare(a) && !bare(b)) return compareSettled(a, b)
  // A logarithm without a base is the natural or the decimal one: only what holds for both is decided.
  const natural = compareSettled(withBase(a, { k: 'e' }), withBase(b, { k: 'e' }))
  const decimal = compareSettled(
    withBase(a, { k: 'num', value: rational(10n) }),
    withBase(b, { k: 'num', value: rational(10n) }),
  )
  return natural.verdict === decimal.verdict ? natural : open('base of the logarithm')
}

function withBase(node: Node, base: Node): Node {
  if (node.k === 'call' && node.name === 'log' && node.args.length === 1 && node.args[0])
    return { k: 'call', name: 'log', args: [withBase(node.args[0], base), base] }
  return mapNode(node, (part) => withBase(part, base))
}

function compareSettled(a: Node, b: Node): Outcome {
  const [left, right] = withConstants(a, b)
  if (!left || !right) return open('constant of integration')
  const outcome = compareExact(left, right)
  if (outcome.verdict !== 'different') return outcome
  const isDecimal = (node: Node) => node.k === 'num' && node.slack !== undefined
  if (!someNode(a, isDecimal) && !someNode(b, isDecimal)) return outcome
  return coversRounding(left, right) ? open('rounded') : outcome
}

function compareExact(a: Node, b: Node): Outcome {
  const names = new Set([...freeVariables(a), ...freeVariables(b)])
  const half = Math.floor(workLeft() / 2)
  let rule = 'too much work'
  const difference = attempt(() => {
    const test = withWorkRule(half, () => {
      const value = subtract(canonical(a), canonical(b))
      return { value, test: decideZero(value) }
    })
    if (typeof test === 'string') {
      rule = test
      return undefined
    }
    return test
  })
  if (difference?.test === 'zero')
    return equal(names.size > 0 ? 'same canonical form' : 'same value')
  if (difference?.test === 'nonzero')
    return different(names.size > 0 ? 'different canonical form' : 'different value')
  if (names.size === 0) return open(difference ? 'not separated by 1,000 bits' : rule)
  return comparePoints(
    a,
    b,
    [...names].sort(),
    rule === 'too much work' || difference ? 'agree at every point tried' : rule,
  )
}

function withWorkRule<T>(units: number, run: () => T): T | string {
  try {
    return withWork(units, run)
  } catch (error) {
    if (error instanceof Error && error.name === 'Undecided') return error.message
    throw error
  }
}

function comparePoints(a: Node, b: Node, names: readonly string[], rule: string): Outcome {
  const whole = isForIntegers(a) || isForIntegers(b)
  let defined = 0
  for (let point = 0; point < pointsTried; point++) {
    const values = new Map<string, Fraction>()
    for (const [at, name] of names.entries())
      values.set(
        name,
        fractionOf(
          whole
            ? rational(5 + ((3 * point + 2 * at * (point + 1)) % 11))
            : (halves[(point + at * 3 + Math.floor(point / 2)) % halves.length] ?? rational(2n)),
        ),
      )
    const test = attempt(() => {
      const result = withWorkRule(Math.floor(workLeft() / 3), () =>
        decideZero(subtract(canonical(a, values), canonical(b, values))),
      )
      return result
    })
    if (test === 'nonzero') return different('different at a point')
    if (test === 'zero') defined++
  }
  return open(defined > 0 ? 'agree at every point tried' : rule)
}

/** Factorials, sums up to a variable and powers of −1 are meant for integers. */
function isForIntegers(node: Node): boolean {
  return someNode(node, (part) => {
    if (
      part.k === 'call' &&
      ['factorial', 'binom', 'mod', 'gcd', 'lcm', 'doublefactorial'].includes(part.name)
    )
      return part.args.some((arg) => freeVariables(arg).size > 0)
    if (part.k === 'series')
      return freeVariables(part.to).size > 0 || freeVariables(part.from).size > 0
    if (part.k === 'pow' && freeVariables(part.b).size > 0) {
      const base = part.a
      return base.k === 'neg' || (base.k === 'num' && base.value.n < 0n) || base.k === 'i'
    }
    return false
  })
}

/** Whether a rounded decimal could stand for the other value: the difference changes sign within its last place. */
function coversRounding(a: Node, b: Node): boolean {
  const value = (share: Rational) =>
    attempt(() =>
      subtract(
        canonical(shiftDecimals(a, share)),
        canonical(shiftDecimals(b, rational(-share.n, share.d))),
      ),
    )
  const low = value(rational(-1n))
  const high = value(rational(1n))
  if (!low || !high) return true
  if (!isConstant(low) || !isConstant(high)) return atomsIn(low).length > 0
  if (attempt(() => isReal(low) && isReal(high)) !== true) return true
  const below = attempt(() => signOfConstant(low))
  const above = attempt(() => signOfConstant(high))
  if (below === undefined || above === undefined) return true
  return below * above <= 0
}

const constants = /^(?:[CK]|[ckD]|[CcKk]_\d|const)$/

/** A lone additive constant of integration gets one name on both sides; undefined where only one side has one. */
function withConstants(a: Node, b: Node): [Node | undefined, Node | undefined] {
  const left = constantIn(a)
  const right = constantIn(b)
  if (!left && !right) return [a, b]
  if (left && right) {
    const name: Node = { k: 'sym', name: '#constant' }
    return left === right ? [a, b] : [replaceSymbol(a, left, name), replaceSymbol(b, right, name)]
  }
  const only = left ?? right ?? ''
  return only.startsWith('C') ? [undefined, undefined] : [a, b]
}

function constantIn(node: Node): string | undefined {
  if (node.k !== 'add') return undefined
  const names = freeVariables(node)
  for (const arg of node.args) {
    const term = arg.k === 'neg' ? arg.a : arg
    if (term.k !== 'sym' || !constants.test(term.name) || names.size < 2) continue
    const others = node.args.filter((other) => other !== arg)
    if (!others.some((other) => freeVariables(other).has(term.name))) return term.name
  }
  return undefined
}
