import { attempt, undecided } from '#server/answers/work.ts'
import { absolute, contentOf, isPositiveAtom, isRealSymbol } from './absolute.ts'
import { atomId, atomOf } from './atom.ts'
import { decideZero, isConstant, signOfConstant } from './decide-zero.ts'
import {
  atomFraction,
  fractionOf,
  integerFraction,
  integerPower,
  multiply,
  negate,
  rationalOf,
  scale,
  termFraction,
} from './fraction.ts'
import { bitLength, factorInteger } from './integer.ts'
import { isPolynomial, onlyTerm } from './key.ts'
import { multiplyTerms, termOf } from './polynomial.ts'
import {
  invertRational,
  multiplyRational,
  negateRational,
  one,
  type Rational,
  rational,
  smallInteger,
} from './rational.ts'
import { squareRootOf } from './square-root.ts'
import type { Fraction, Term } from './term.ts'
import { unityId } from './unity.ts'

export function rationalPower(a: Fraction, exponent: Rational): Fraction {
  if (exponent.d === 1n) return wholePower(a, exponent)
  if (decideZero(a) === 'zero') return exponent.n > 0n ? a : undecided('division by zero')
  if (bitLength(exponent.n) + bitLength(exponent.d) > 24) undecided('exponent too large')
  const value = rationalOf(a)
  if (value) return rationalRadical(value, exponent)
  const split = isPolynomial(a) ? onlyTerm(a.num) : undefined
  if (split) return monomialPower(split, exponent)
  const content = contentOf(a)
  const rest = scale(a, invertRational(content))
  const outer = rationalRadical(content, exponent)
  if (exponent.d === 2n) {
    const root = attempt(() => squareRootOf(rest))
    if (root) return multiply(outer, integerPower(absolute(root), Number(exponent.n)))
  }
  if (isConstant(rest) && signOfConstant(rest) === -1) {
    if (exponent.d % 2n === 1n) undecided('root of a negative number')
    const turned = atomFraction(unityId(), multiplyRational(exponent, rational(1n, 2n)))
    return multiply(multiply(outer, turned), basePower(negate(rest), exponent))
  }
  return multiply(outer, basePower(rest, exponent))
}

function wholePower(a: Fraction, exponent: Rational): Fraction {
  const n = smallInteger(exponent, 2_000_000)
  if (decideZero(a) === 'zero') {
    if (exponent.n > 0n) return a
    undecided(exponent.n === 0n ? '0^0' : 'division by zero')
  }
  if (n === undefined) {
    const value = rationalOf(a)
    if (value && value.d === 1n && (value.n === 1n || value.n === -1n))
      return integerFraction(exponent.n % 2n === 0n ? 1n : value.n)
    undecided('exponent too large')
  }
  return integerPower(a, n)
}

function basePower(a: Fraction, exponent: Rational): Fraction {
  // The fraction settles whole parts of the exponent by itself when it is multiplied.
  return multiply(fractionOf(one), termFraction(termOf(atomId({ kind: 'base', of: a }), exponent)))
}

/** A rational number to a rational power, by its prime factors. */
function rationalRadical(value: Rational, exponent: Rational): Fraction {
  if (value.n < 0n) {
    if (exponent.d % 2n === 1n) undecided('root of a negative number')
    const turned = atomFraction(unityId(), multiplyRational(exponent, rational(1n, 2n)))
    return multiply(turned, rationalRadical(negateRational(value), exponent))
  }
  let term: Term = { coefficient: one, factors: [] }
  for (const [part, sign] of [
    [value.n, 1n],
    [value.d, -1n],
  ] as const)
    for (const { prime, exponent: times } of factorInteger(part)) {
      const by = multiplyRational(exponent, rational(sign * BigInt(times)))
      term = multiplyTerms(term, termOf(atomId({ kind: 'prime', value: prime }), by))
    }
  return termFraction(term)
}

/** (c·x·y^2)^q: positive constants go out, an even power under a square root becomes an absolute value. */
function monomialPower(term: Term, exponent: Rational): Fraction {
  const sign = term.coefficient.n < 0n ? -1n : 1n
  const size = rational(sign * term.coefficient.n, term.coefficient.d)
  let outer = rationalRadical(size, exponent)
  const kept: Term['factors'][number][] = []
  for (const factor of term.factors) {
    if (isPositiveAtom(factor.id)) {
      outer = multiply(outer, atomFraction(factor.id, multiplyRational(factor.exponent, exponent)))
    } else kept.push(factor)
  }
  const rest: Term = { coefficient: rational(sign), factors: kept }
  const [only] = kept
  if (!only) return sign > 0n ? outer : multiply(outer, rationalRadical(rational(-1n), exponent))
  if (sign > 0n && kept.length === 1 && only.exponent.n === 1n && only.exponent.d === 1n)
    return multiply(outer, atomFraction(only.id, exponent))
  if (
    sign > 0n &&
    exponent.d === 2n &&
    kept.every(
      (factor) =>
        factor.exponent.d === 1n && factor.exponent.n % 2n === 0n && isRealSymbol(factor.id),
    )
  ) {
    let root: Fraction = fractionOf(one)
    for (const factor of kept)
      root = multiply(
        root,
        integerPower(absolute(atomFraction(factor.id)), Number(factor.exponent.n / 2n)),
      )
    return multiply(outer, integerPower(root, Number(exponent.n)))
  }
  const inner = termFraction(rest)
  if (isConstant(inner) && kept.every(({ id }) => atomOf(id).kind === 'unity')) {
    // A root of unity e^{2πir} with the principal angle: r in (−1/2, 1/2].
    const [turn] = kept
    if (turn) {
      let angle = turn.exponent
      if (sign < 0n) angle = rational(2n * angle.n - angle.d, 2n * angle.d)
      return multiply(outer, atomFraction(turn.id, multiplyRational(angle, exponent)))
    }
  }
  return multiply(outer, basePower(inner, exponent))
}
