import type { Rational } from './rational.ts'

/** An atom to a rational power. */
export type Factor = { readonly id: number; readonly exponent: Rational }
export type Term = { readonly coefficient: Rational; readonly factors: readonly Factor[] }

/** A sum of terms by the key of their factors; no coefficient is zero. Exponents may be negative or fractions. */
export type Polynomial = ReadonlyMap<string, Term>

/** A quotient of two polynomials in atoms. A denominator of one term is folded into the numerator. */
export type Fraction = { readonly num: Polynomial; readonly den: Polynomial }
