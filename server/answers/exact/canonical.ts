import type { Node } from '#server/answers/parse/node.ts'
import { spend, undecided } from '#server/answers/work.ts'
import { atomId } from './atom.ts'
import { decideZero } from './decide-zero.ts'
import { add, atomFraction, divide, fractionOf, multiply, negate } from './fraction.ts'
import { callFunction } from './functions.ts'
import { oddRoot } from './odd-root.ts'
import { power } from './power.ts'
import { rationalPower } from './radical.ts'
import { rational } from './rational.ts'
import { seriesValue } from './series.ts'
import type { Fraction } from './term.ts'
import { imaginaryUnit } from './unity.ts'

/** What stands for a free variable while a formula is evaluated at a point. */
export type Values = ReadonlyMap<string, Fraction>

/**
 * A formula as a quotient of polynomials in atoms. Two formulas are equal wherever both are defined if the difference of
 * theirs is zero; logarithms, roots and powers have their principal values, variables are real.
 *
 * @throws undecided for what is no single value (sets, infinity, a division by zero)
 */
export function canonical(node: Node, values: Values = new Map()): Fraction {
  spend(4)
  switch (node.k) {
    case 'num':
      return fractionOf(node.value)
    case 'sym':
      return values.get(node.name) ?? atomFraction(atomId({ kind: 'symbol', name: node.name }))
    case 'pi':
      return atomFraction(atomId({ kind: 'pi' }))
    case 'e':
      return atomFraction(atomId({ kind: 'exp', of: [] }))
    case 'i':
      return imaginaryUnit()
    case 'add':
      return node.args.map((arg) => canonical(arg, values)).reduce(add)
    case 'mul':
      return node.args.map((arg) => canonical(arg, values)).reduce(multiply)
    case 'neg':
      return negate(canonical(node.a, values))
    case 'div':
      return quotient(canonical(node.a, values), canonical(node.b, values))
    case 'pow':
      return power(canonical(node.a, values), canonical(node.b, values))
    case 'root': {
      const inner = canonical(node.a, values)
      if (node.degree % 2 === 1) return oddRoot(inner, node.degree)
      return rationalPower(inner, rational(1, node.degree))
    }
    case 'call':
      return callFunction(
        node.name,
        node.args.map((arg) => canonical(arg, values)),
      )
    case 'series':
      return seriesValue(
        node.op,
        node.index,
        canonical(node.from, values),
        node.to.k === 'inf' ? undefined : canonical(node.to, values),
        (index) => canonical(node.body, new Map(values).set(node.index, index)),
      )
    case 'inf':
      return undecided('infinity')
    case 'pm':
      return undecided('two values')
    default:
      return undecided('not a single value')
  }
}

export function quotient(a: Fraction, b: Fraction): Fraction {
  const test = decideZero(b)
  if (test === 'zero') undecided(decideZero(a) === 'zero' ? '0/0' : 'division by zero')
  if (test === 'unknown' && b.num.size > 1) spend(20)
  return divide(a, b)
}
