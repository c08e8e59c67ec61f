import { atomId, atomOf } from './atom.ts'
import { isConstant, signOfConstant } from './decide-zero.ts'
import {
  atomFraction,
  fractionOf,
  integerPower,
  multiply,
  negate,
  rationalOf,
  scale,
} from './fraction.ts'
import { gcd } from './integer.ts'
import { isPolynomial, onlyTerm } from './key.ts'
import { invertRational, one, type Rational, rational } from './rational.ts'
import type { Fraction } from './term.ts'

/** Atoms whose value is a positive real number. */
export function isPositiveAtom(id: number): boolean {
  const atom = atomOf(id)
  if (atom.kind === 'pi' || atom.kind === 'prime') return true
  if (atom.kind === 'exp')
    return atom.of.every(
      (factor) => atomOf(factor.id).kind !== 'unity' && isPositiveAtom(factor.id),
    )
  if (atom.kind === 'ln') {
    const value = rationalOf(atom.of)
    return value !== undefined && value.n > value.d
  }
  return false
}

export function absolute(a: Fraction): Fraction {
  if (isConstant(a)) {
    const sign = signOfConstant(a)
    if (sign !== undefined) return sign < 0 ? negate(a) : a
  }
  const content = contentOf(a)
  const term = isPolynomial(a) ? onlyTerm(a.num) : undefined
  if (term) {
    let product: Fraction = fractionOf(
      rational(
        term.coefficient.n < 0n ? -term.coefficient.n : term.coefficient.n,
        term.coefficient.d,
      ),
    )
    for (const { id, exponent } of term.factors) {
      const atom = atomOf(id)
      const even = atom.kind === 'symbol' && exponent.d === 1n && exponent.n % 2n === 0n
      const whole = exponent.d === 1n && (atom.kind === 'symbol' || atom.kind === 'call')
      if (isPositiveAtom(id) || even || (atom.kind === 'call' && atom.name === 'abs'))
        product = multiply(product, atomFraction(id, exponent))
      else if (atom.kind === 'unity') continue
      else if (whole)
        product = multiply(
          product,
          integerPower(absoluteAtom(atomFraction(id)), Number(exponent.n)),
        )
      else product = multiply(product, absoluteAtom(atomFraction(id, exponent)))
    }
    return product
  }
  let inner = scale(a, invertRational(content))
  // |−P| = |P|: the sign is chosen so that one of the two is always written.
  const flipped = negate(inner)
  if (keyOrder(flipped) < keyOrder(inner)) inner = flipped
  return multiply(fractionOf(content), absoluteAtom(inner))
}

function keyOrder(a: Fraction): string {
  let first = ''
  for (const [key, { coefficient }] of a.num) {
    const entry = `${key}:${coefficient.n < 0n ? 1 : 0}`
    if (first === '' || entry < first) first = entry
  }
  return first
}

function absoluteAtom(a: Fraction): Fraction {
  return atomFraction(atomId({ kind: 'call', name: 'abs', args: [a] }))
}

/** The positive rational that all coefficients of the numerator share. */
export function contentOf(a: Fraction): Rational {
  let n = 0n
  let d = 1n
  for (const { coefficient } of a.num.values()) {
    n = gcd(n, coefficient.n)
    d = (d / gcd(d, coefficient.d)) * coefficient.d
  }
  return n === 0n ? one : rational(n, d)
}

export function isRealSymbol(id: number): boolean {
  return atomOf(id).kind === 'symbol'
}
