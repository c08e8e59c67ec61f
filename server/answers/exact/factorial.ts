import { undecided } from '#server/answers/work.ts'
import { atomId } from './atom.ts'
import { isConstant } from './decide-zero.ts'
import {
  add,
  atomFraction,
  divide,
  fractionOf,
  integerFraction,
  multiply,
  rationalOf,
  scale,
  subtract,
} from './fraction.ts'
import { binomial, factorial, times } from './integer.ts'
import { isPolynomial } from './key.ts'
import { floorRational, one, rational, smallInteger } from './rational.ts'
import type { Fraction } from './term.ts'

const shiftMax = 6n

/** n! of a natural number; of an expression n + c it is written with the factorial of n and c factors. */
export function factorialValue(x: Fraction): Fraction {
  const value = rationalOf(x)
  if (value) {
    const n = smallInteger(value)
    if (n === undefined && value.d === 1n && value.n > 0n) undecided('number too large')
    if (n === undefined || n < 0) return undecided('factorial of no natural number')
    return integerFraction(factorial(n))
  }
  if (isConstant(x)) undecided('factorial of no natural number')
  const { base, shift } = splitShift(x)
  let product = atomFraction(atomId({ kind: 'call', name: 'factorial', args: [base] }))
  for (let step = 1n; step <= shift; step++)
    product = multiply(product, add(base, integerFraction(step)))
  return product
}

/** An expression as one whose constant lies in [0, 1) and a natural number, so that n! and (n−2)! meet. */
function splitShift(x: Fraction): { base: Fraction; shift: bigint } {
  if (!isPolynomial(x)) return { base: x, shift: 0n }
  const constant = x.num.get('')?.coefficient
  // Everything is written from n − 3 on: shifts are natural numbers as long as c ≥ −3.
  const floor = constant ? floorRational(constant) : 0n
  const shift = floor + shiftMax / 2n
  if (shift < 0n || shift > shiftMax) return { base: x, shift: 0n }
  return { base: subtract(x, integerFraction(shift)), shift }
}

export function binomialValue(n: Fraction, k: Fraction): Fraction {
  const top = rationalOf(n)
  const bottom = rationalOf(k)
  const few = bottom && smallInteger(bottom, 20_000)
  if (top && bottom) {
    const whole = smallInteger(top, Number.MAX_SAFE_INTEGER)
    if (whole !== undefined && whole >= 0) {
      const lower = smallInteger(bottom, Number.MAX_SAFE_INTEGER)
      if (lower === undefined) return undecided('binomial of no natural number')
      return integerFraction(binomial(whole, lower))
    }
  }
  if (few !== undefined && few >= 0 && few <= 60) {
    let product = fractionOf(one)
    for (let step = 0; step < few; step++)
      product = multiply(product, subtract(n, integerFraction(step)))
    return scale(product, rational(1n, factorial(few)))
  }
  if (isConstant(n) && isConstant(k)) undecided('binomial of no natural number')
  const rest = rationalOf(subtract(n, k))
  const close = rest && smallInteger(rest, 60)
  if (close !== undefined && close >= 0) return binomialValue(n, fractionOf(rational(close)))
  return divide(factorialValue(n), multiply(factorialValue(k), factorialValue(subtract(n, k))))
}

/** n!! = n(n−2)(n−4)… of a natural number. */
export function doubleFactorial(x: Fraction): Fraction {
  const value = rationalOf(x)
  const n = value && smallInteger(value, 20_000)
  if (n === undefined || n < 0) return undecided('factorial of no natural number')
  let product = 1n
  for (let factor = n; factor > 1; factor -= 2) product = times(product, BigInt(factor))
  return integerFraction(product)
}
