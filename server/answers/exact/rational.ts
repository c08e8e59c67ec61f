import { undecided } from '#server/answers/work.ts'
import { gcd, power, times } from './integer.ts'

/** A fraction in lowest terms, d > 0. Ours rather than fraction.js: each operation spends from the budget. */
export type Rational = { readonly n: bigint; readonly d: bigint }

export const zero: Rational = { n: 0n, d: 1n }
export const one: Rational = { n: 1n, d: 1n }

export function rational(n: bigint | number, d: bigint | number = 1n): Rational {
  const top = BigInt(n)
  const bottom = BigInt(d)
  if (bottom === 0n) undecided('division by zero')
  if (bottom === 1n) return { n: top, d: 1n }
  const shared = gcd(top, bottom)
  const sign = bottom < 0n ? -1n : 1n
  return { n: (sign * top) / shared, d: (sign * bottom) / shared }
}

export function addRational(a: Rational, b: Rational): Rational {
  if (a.d === 1n && b.d === 1n) return { n: a.n + b.n, d: 1n }
  return rational(times(a.n, b.d) + times(b.n, a.d), times(a.d, b.d))
}

export function multiplyRational(a: Rational, b: Rational): Rational {
  if (a.d === 1n && b.d === 1n) return { n: times(a.n, b.n), d: 1n }
  return rational(times(a.n, b.n), times(a.d, b.d))
}

export function negateRational(a: Rational): Rational {
  return { n: -a.n, d: a.d }
}

export function invertRational(a: Rational): Rational {
  if (a.n === 0n) undecided('division by zero')
  return a.n < 0n ? { n: -a.d, d: -a.n } : { n: a.d, d: a.n }
}

export function powerRational(a: Rational, exponent: number): Rational {
  const base = exponent < 0 ? invertRational(a) : a
  return { n: power(base.n, Math.abs(exponent)), d: power(base.d, Math.abs(exponent)) }
}

/** −1, 0 or 1. */
export function compareRational(a: Rational, b: Rational): number {
  const difference = times(a.n, b.d) - times(b.n, a.d)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

export function floorRational(a: Rational): bigint {
  const whole = a.n / a.d
  return a.n < 0n && whole * a.d !== a.n ? whole - 1n : whole
}

/** A small integer as a number, else undefined. */
export function smallInteger(a: Rational, limit = 1_000_000): number | undefined {
  const bound = BigInt(limit)
  return a.d === 1n && a.n <= bound && a.n >= -bound ? Number(a.n) : undefined
}
