import { undecided } from '#server/answers/work.ts'
import { atomOf } from './atom.ts'
import { bitLength } from './integer.ts'
import type { Factor, Polynomial } from './term.ts'

type Size = {
  /** log2 of a bound on all conjugates of the numerator. */ u: number /** The same for the denominator. */
  l: number
}

/**
 * Bits b such that an algebraic constant that is not zero is at least 2^−b in absolute value.
 *
 * For E = U/L with algebraic integers U, L of a field of degree D, the norm of U is an integer, so |U| ≥ u^−(D−1) with u
 * a bound on its conjugates (Burnikel, Funke, Mehlhorn, Schirra, Schmitt: A separation bound for real algebraic
 * expressions, 2001).
 */
export function separationBits(a: Polynomial): number {
  const { u, l } = polynomialSize(a)
  return Math.ceil((degreeOf(a) - 1) * Math.max(0, u) + Math.max(0, l)) + 4
}

function polynomialSize(a: Polynomial): Size {
  let common = 1
  const largest = new Map<number, number>()
  const terms: number[] = []
  let shared = 0n
  for (const { coefficient } of a.values())
    shared = shared === 0n ? coefficient.d : lcm(shared, coefficient.d)
  common = bitLength(shared)
  for (const { coefficient, factors } of a.values()) {
    let u = bitLength(coefficient.n) + common
    for (const factor of factors) {
      const size = factorSize(factor)
      u += size.u
      largest.set(factor.id, Math.max(largest.get(factor.id) ?? 0, size.l))
    }
    terms.push(u)
  }
  let cleared = 0
  for (const l of largest.values()) cleared += l
  const most = terms.reduce((x, y) => Math.max(x, y), 0)
  return { u: most + cleared + Math.log2(terms.length + 1), l: cleared + common }
}

function factorSize({ id, exponent }: Factor): Size {
  const atom = atomOf(id)
  const q = Number(exponent.n) / Number(exponent.d)
  if (atom.kind === 'prime') return { u: q * bitLength(atom.value), l: 0 }
  if (atom.kind !== 'base') return { u: 0, l: 0 }
  const num = polynomialSize(atom.of.num)
  const den = polynomialSize(atom.of.den)
  const top = num.u + den.l
  const bottom = isOne(atom.of.den) ? num.l : num.l + den.u
  const k = Number(exponent.d)
  // (X/Y)^(r/k) = (X·Y^(k−1))^(r/k) / Y^r
  return { u: q * (top + (k - 1) * bottom), l: Number(exponent.n) * bottom }
}

function isOne(a: Polynomial): boolean {
  return a.size === 1 && a.get('')?.coefficient.n === 1n && a.get('')?.coefficient.d === 1n
}

/** A bound on the degree of the field that holds all radicals and roots of unity of a polynomial. */
function degreeOf(a: Polynomial): number {
  const roots = new Map<number, bigint>()
  collect(a, roots)
  let degree = 1
  for (const [id, k] of roots) {
    degree *= atomOf(id).kind === 'unity' ? totient(Number(k)) : Number(k)
    if (degree > 1e7) undecided('number too large')
  }
  return degree
}

function collect(a: Polynomial, roots: Map<number, bigint>): void {
  for (const { factors } of a.values())
    for (const { id, exponent } of factors) {
      const known = roots.get(id)
      roots.set(id, lcm(known ?? 1n, exponent.d))
      const atom = atomOf(id)
      if (known !== undefined || atom.kind !== 'base') continue
      collect(atom.of.num, roots)
      collect(atom.of.den, roots)
    }
}

function totient(n: number): number {
  let value = n
  let rest = n
  for (let p = 2; p * p <= rest; p++) {
    if (rest % p !== 0) continue
    while (rest % p === 0) rest /= p
    value -= value / p
  }
  return rest > 1 ? value - value / rest : value
}

export function lcm(a: bigint, b: bigint): bigint {
  let x = a
  let y = b
  while (y !== 0n) [x, y] = [y, x % y]
  return (a / x) * b
}
