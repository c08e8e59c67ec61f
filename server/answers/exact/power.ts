import { undecided } from '#server/answers/work.ts'
import { decideZero } from './decide-zero.ts'
import { fractionOf, multiply, rationalOf } from './fraction.ts'
import { exponential, logarithm } from './logarithm.ts'
import { rationalPower } from './radical.ts'
import { one } from './rational.ts'
import type { Fraction } from './term.ts'

/** a^b by the principal value; a negative number to a fraction with an odd denominator is ambiguous. */
export function power(a: Fraction, b: Fraction): Fraction {
  const exponent = rationalOf(b)
  if (exponent) return rationalPower(a, exponent)
  const base = rationalOf(a)
  if (base && base.n === 1n && base.d === 1n) return fractionOf(one)
  if (decideZero(a) === 'zero') return undecided('power of zero')
  return exponential(multiply(b, logarithm(a)))
}
