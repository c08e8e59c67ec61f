import { spend } from '#server/answers/work.ts'
import { type Rational, zero } from './rational.ts'
import type { Factor, Fraction, Polynomial, Term } from './term.ts'

export function factorsKey(factors: readonly Factor[]): string {
  let key = ''
  for (const { id, exponent } of factors) key += `${id}^${exponent.n}/${exponent.d};`
  return key
}

export function onlyTerm(a: Polynomial): Term | undefined {
  if (a.size !== 1) return undefined
  for (const term of a.values()) return term
  return undefined
}

/** The value of a polynomial without atoms. */
export function constantOf(a: Polynomial): Rational | undefined {
  if (a.size === 0) return zero
  const term = onlyTerm(a)
  return term && term.factors.length === 0 ? term.coefficient : undefined
}

export function polynomialKey(a: Polynomial): string {
  spend(a.size)
  return [...a]
    .map(([key, { coefficient }]) => `${coefficient.n}/${coefficient.d}*${key}`)
    .sort()
    .join('+')
}

export function isPolynomial(a: Fraction): boolean {
  return constantOf(a.den) !== undefined
}

export function fractionKey(a: Fraction): string {
  return isPolynomial(a)
    ? polynomialKey(a.num)
    : `(${polynomialKey(a.num)})/(${polynomialKey(a.den)})`
}
