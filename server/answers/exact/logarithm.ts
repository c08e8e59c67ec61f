import { undecided } from '#server/answers/work.ts'
import { absolute, contentOf, isPositiveAtom, isRealSymbol } from './absolute.ts'
import { atomId, atomOf } from './atom.ts'
import { decideZero, isConstant, signOfConstant } from './decide-zero.ts'
import {
  add,
  atomFraction,
  fractionOf,
  integerFraction,
  multiply,
  negate,
  polynomialFraction,
  scale,
  termFraction,
} from './fraction.ts'
import { factorInteger } from './integer.ts'
import { isPolynomial, onlyTerm } from './key.ts'
import { rationalPower } from './radical.ts'
import { invertRational, multiplyRational, one, type Rational, rational } from './rational.ts'
import type { Fraction, Term } from './term.ts'
import { imaginaryUnit, unityId } from './unity.ts'

/** e^a, term by term. */
export function exponential(a: Fraction): Fraction {
  if (!isPolynomial(a)) {
    const content = contentOf(a)
    const inner = scale(a, invertRational(content))
    const call = atomId({ kind: 'call', name: 'quotient', args: [inner] })
    return atomFraction(atomId({ kind: 'exp', of: [{ id: call, exponent: one }] }), content)
  }
  let product = fractionOf(one)
  for (const term of a.num.values()) product = multiply(product, exponentialOfTerm(term))
  return product
}

function exponentialOfTerm(term: Term): Fraction {
  const { coefficient, factors } = term
  const turn = factors.find(({ id }) => atomOf(id).kind === 'unity')
  const pi = factors.find(({ id }) => atomOf(id).kind === 'pi')
  if (
    factors.length === 2 &&
    turn &&
    pi &&
    turn.exponent.n === 1n &&
    turn.exponent.d === 4n &&
    pi.exponent.n === 1n &&
    pi.exponent.d === 1n
  )
    return atomFraction(unityId(), multiplyRational(coefficient, rational(1n, 2n)))
  const [only] = factors
  const atom = only && atomOf(only.id)
  if (
    factors.length === 1 &&
    atom?.kind === 'ln' &&
    only?.exponent.n === 1n &&
    only.exponent.d === 1n
  )
    return rationalPower(atom.of, coefficient)
  return atomFraction(atomId({ kind: 'exp', of: factors }), coefficient)
}

/** The principal logarithm, with positive constants taken out. */
export function logarithm(a: Fraction): Fraction {
  if (decideZero(a) === 'zero') undecided('logarithm of zero')
  const term = isPolynomial(a) ? onlyTerm(a.num) : undefined
  if (!term) {
    const content = contentOf(a)
    const inner = scale(a, invertRational(content))
    if (isConstant(inner) && signOfConstant(inner) === -1)
      return add(add(rationalLogarithm(content), halfTurn()), lnAtom(negate(inner)))
    return add(rationalLogarithm(content), lnAtom(inner))
  }
  const sign = term.coefficient.n < 0n ? -1n : 1n
  let sum = rationalLogarithm(rational(sign * term.coefficient.n, term.coefficient.d))
  const kept: Term['factors'][number][] = []
  for (const factor of term.factors) {
    const atom = atomOf(factor.id)
    if (!isPositiveAtom(factor.id)) kept.push(factor)
    else if (atom.kind === 'exp')
      sum = add(sum, scale(termFraction({ coefficient: one, factors: atom.of }), factor.exponent))
    else if (atom.kind === 'prime')
      sum = add(sum, scale(rationalLogarithm(rational(atom.value)), factor.exponent))
    else sum = add(sum, scale(lnAtom(atomFraction(factor.id)), factor.exponent))
  }
  if (kept.length === 0) return sign < 0n ? add(sum, halfTurn()) : sum
  if (kept.length === 1 && kept[0] && atomOf(kept[0].id).kind === 'unity') {
    let angle = kept[0].exponent
    if (sign < 0n) angle = rational(2n * angle.n - angle.d, 2n * angle.d)
    return add(sum, scale(halfTurn(), multiplyRational(angle, rational(2n))))
  }
  if (
    sign > 0n &&
    kept.every(
      ({ id, exponent }) => isRealSymbol(id) && exponent.d === 1n && exponent.n % 2n === 0n,
    )
  ) {
    for (const { id, exponent } of kept)
      sum = add(sum, scale(lnAtom(absolute(atomFraction(id))), exponent))
    return sum
  }
  return add(sum, lnAtom(termFraction({ coefficient: rational(sign), factors: kept })))
}

function halfTurn(): Fraction {
  return multiply(imaginaryUnit(), atomFraction(atomId({ kind: 'pi' })))
}

function lnAtom(a: Fraction): Fraction {
  return atomFraction(atomId({ kind: 'ln', of: a }))
}

function rationalLogarithm(value: Rational): Fraction {
  let sum: Fraction = polynomialFraction(new Map())
  for (const [part, sign] of [
    [value.n, 1],
    [value.d, -1],
  ] as const)
    for (const { prime, exponent } of factorInteger(part))
      sum = add(sum, scale(lnAtom(integerFraction(prime)), rational(sign * exponent)))
  return sum
}
