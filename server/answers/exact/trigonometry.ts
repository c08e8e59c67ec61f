import { atanInterval, piInterval } from '#server/answers/interval/elementary.ts'
import { evaluateFraction } from '#server/answers/interval/evaluate.ts'
import { invertInterval, multiplyIntervals, toFixed } from '#server/answers/interval/real.ts'
import { undecided } from '#server/answers/work.ts'
import { atomId } from './atom.ts'
import { decideZero, isConstant, isReal, signOfConstant } from './decide-zero.ts'
import {
  add,
  atomFraction,
  divide,
  fractionOf,
  integerPower,
  multiply,
  negate,
  scale,
  subtract,
} from './fraction.ts'
import { exponential } from './logarithm.ts'
import { rationalPower } from './radical.ts'
import { negateRational, one, type Rational, rational } from './rational.ts'
import type { Fraction } from './term.ts'
import { imaginaryUnit } from './unity.ts'

const half = rational(1n, 2n)

/** cos x = (e^{ix} + e^{−ix}) / 2: identities between angles become identities between powers. */
export function cosine(x: Fraction): Fraction {
  const turn = multiply(imaginaryUnit(), x)
  return scale(add(exponential(turn), exponential(negate(turn))), half)
}

export function sine(x: Fraction): Fraction {
  const turn = multiply(imaginaryUnit(), x)
  const difference = subtract(exponential(turn), exponential(negate(turn)))
  return multiply(scale(difference, negateRational(half)), imaginaryUnit())
}

/** Angles of which the tangent is looked up: multiples of π by these fractions. */
const denominators = [12n, 5n, 8n, 7n, 9n]

/** arcsin, arccos and arctan: an exact multiple of π where the sine or tangent of that multiple is the argument. */
export function inverseTrigonometric(name: 'arcsin' | 'arccos' | 'arctan', x: Fraction): Fraction {
  if (name === 'arccos')
    return subtract(scale(piFraction(), half), inverseTrigonometric('arcsin', x))
  if (!isConstant(x)) return oddCall(name, x)
  if (!isReal(x)) undecided('inverse function of a complex number')
  if (name === 'arctan') return arctangent(x)
  const rest = subtract(fractionOf(one), integerPower(x, 2))
  const sign = signOfConstant(rest)
  if (sign === undefined || sign < 0) undecided('outside of the domain')
  if (sign === 0) return scale(piFraction(), signOfConstant(x) === 1 ? half : negateRational(half))
  return arctangent(divide(x, rationalPower(rest, half)))
}

function arctangent(x: Fraction): Fraction {
  const sign = signOfConstant(x)
  if (sign === 0) return x
  if (sign === -1) return negate(arctangent(negate(x)))
  const box = evaluateFraction(x, 80)
  const angle = box && atanInterval(box.re, 80)
  const turns = angle && invertInterval(piInterval(80), 80)
  if (angle && turns) {
    const share = toFixed(multiplyIntervals(angle, turns, 80), 64)
    for (const d of denominators) {
      const n = (share.lo * d + (1n << 63n)) >> 64n
      const exact = (n << 64n) / d
      if (exact < share.lo - 16n || exact > share.hi + 16n) continue
      const guess = scale(piFraction(), rational(n, d))
      if (decideZero(subtract(sine(guess), multiply(x, cosine(guess)))) === 'zero') return guess
    }
  }
  return atomFraction(atomId({ kind: 'call', name: 'arctan', args: [x] }))
}

/** arcsin(−x) = −arcsin(x), so one of the two signs is written. */
function oddCall(name: string, x: Fraction): Fraction {
  let first: Rational | undefined
  let key = ''
  for (const [factors, { coefficient }] of x.num)
    if (first === undefined || factors < key) {
      first = coefficient
      key = factors
    }
  if (first && first.n < 0n) return negate(oddCall(name, negate(x)))
  return atomFraction(atomId({ kind: 'call', name, args: [x] }))
}

export function piFraction(): Fraction {
  return atomFraction(atomId({ kind: 'pi' }))
}
