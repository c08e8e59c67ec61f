import { atomOf } from './atom.ts'
import { multiplyPolynomials, polynomialOf } from './polynomial.ts'
import { compareRational, one, rational } from './rational.ts'
import type { Factor, Fraction, Polynomial } from './term.ts'

/** A quotient without negative powers of variables in its parts: x^{-1} above the line is x below it. */
export function clearPowers(a: Fraction): Fraction {
  const top = lowest(a.num)
  const bottom = lowest(a.den)
  const raise = (part: Polynomial, by: readonly Factor[]) =>
    by.length === 0
      ? part
      : multiplyPolynomials(part, polynomialOf([{ coefficient: one, factors: by }]))
  return { num: raise(raise(a.num, top), bottom), den: raise(raise(a.den, bottom), top) }
}

function lowest(a: Polynomial): Factor[] {
  const least = new Map<number, Factor>()
  for (const { factors } of a.values())
    for (const factor of factors) {
      if (factor.exponent.n >= 0n || atomOf(factor.id).kind !== 'symbol') continue
      const known = least.get(factor.id)
      if (!known || compareRational(factor.exponent, known.exponent) < 0)
        least.set(factor.id, factor)
    }
  return [...least.values()]
    .sort((a, b) => a.id - b.id)
    .map(({ id, exponent }) => ({ id, exponent: rational(-exponent.n, exponent.d) }))
}
