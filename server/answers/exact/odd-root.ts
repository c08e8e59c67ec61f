import { undecided } from '#server/answers/work.ts'
import { isConstant, signOfConstant } from './decide-zero.ts'
import { negate } from './fraction.ts'
import { onlyTerm } from './key.ts'
import { rationalPower } from './radical.ts'
import { rational } from './rational.ts'
import type { Fraction } from './term.ts'

/** The real root of odd degree: that of a negative number is negative. */
export function oddRoot(a: Fraction, degree: number): Fraction {
  const exponent = rational(1, degree)
  if (isConstant(a)) {
    const sign = signOfConstant(a)
    if (sign === undefined) undecided('root of a complex number')
    return sign < 0 ? negate(rationalPower(negate(a), exponent)) : rationalPower(a, exponent)
  }
  // −∛x and ∛(−x) are one thing for a real root.
  const term = onlyTerm(a.num)
  const flip = term !== undefined && term.coefficient.n < 0n
  return flip ? negate(rationalPower(negate(a), exponent)) : rationalPower(a, exponent)
}
