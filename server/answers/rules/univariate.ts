import {
  addRational,
  invertRational,
  multiplyRational,
  negateRational,
  type Rational,
  rational,
  zero,
} from '#server/answers/exact/rational.ts'
import { spend } from '#server/answers/work.ts'

/** Coefficients from the constant upwards, the last one not zero. */
export type Univariate = readonly Rational[]

function trimmed(a: Rational[]): Univariate {
  while (a.length > 0 && a.at(-1)?.n === 0n) a.pop()
  return a
}

function divideWithRest(a: Univariate, b: Univariate): { whole: Univariate; rest: Univariate } {
  const rest = [...a]
  const whole: Rational[] = []
  const lead = invertRational(b.at(-1) ?? zero)
  for (let at = rest.length - b.length; at >= 0; at--) {
    spend(b.length * 2)
    const by = multiplyRational(rest[at + b.length - 1] ?? zero, lead)
    whole[at] = by
    for (const [k, value] of b.entries())
      rest[at + k] = addRational(rest[at + k] ?? zero, negateRational(multiplyRational(by, value)))
  }
  return { whole: trimmed(whole), rest: trimmed(rest.slice(0, b.length - 1)) }
}

function monic(a: Univariate): Univariate {
  const lead = a.at(-1)
  return lead ? a.map((value) => multiplyRational(value, invertRational(lead))) : a
}

export function gcdOf(a: Univariate, b: Univariate): Univariate {
  let [x, y] = [a, b]
  while (y.length > 0) [x, y] = [y, monic(divideWithRest(x, y).rest)]
  return monic(x)
}

export function derivative(a: Univariate): Univariate {
  return trimmed(a.slice(1).map((value, at) => multiplyRational(value, rational(at + 1))))
}

/** The polynomial with the same roots, each once. */
export function squareFree(a: Univariate): Univariate {
  const shared = gcdOf(a, derivative(a))
  return shared.length > 1 ? monic(divideWithRest(a, shared).whole) : monic(a)
}

export function quotientOf(a: Univariate, b: Univariate): Univariate {
  return divideWithRest(a, b).whole
}

/** Real roots of a square-free polynomial, counted by Sturm's theorem. */
export function countRealRoots(a: Univariate): number {
  if (a.length < 2) return 0
  const chain: Univariate[] = [a, derivative(a)]
  for (;;) {
    const [x, y] = [chain.at(-2), chain.at(-1)]
    if (!x || !y || y.length === 0) break
    chain.push(divideWithRest(x, y).rest.map(negateRational))
  }
  const changes = (atMinus: boolean) => {
    const signs = chain
      .filter((p) => p.length > 0)
      .map((p) => ((p.at(-1)?.n ?? 0n) > 0n ? 1 : -1) * (atMinus && p.length % 2 === 0 ? -1 : 1))
    return signs.filter((sign, at) => at > 0 && sign !== signs[at - 1]).length
  }
  return changes(true) - changes(false)
}

export function valueAt(a: Univariate, x: Rational): Rational {
  let value = zero
  for (const coefficient of [...a].reverse())
    value = addRational(multiplyRational(value, x), coefficient)
  return value
}

/** Rational roots with small numerators and denominators, and what is left when they are divided out. */
export function splitRationalRoots(a: Univariate): { roots: Rational[]; rest: Univariate } {
  const roots: Rational[] = []
  let rest = a
  if (rest.length > 1 && rest[0]?.n === 0n) {
    roots.push(zero)
    rest = rest.slice(1)
  }
  while (rest.length > 3 || rest.length === 2) {
    const root =
      rest.length === 2
        ? negateRational(multiplyRational(rest[0] ?? zero, invertRational(rest[1] ?? zero)))
        : rationalRoot(rest)
    if (!root) break
    roots.push(root)
    rest = divideWithRest(rest, [negateRational(root), rational(1n)]).whole
  }
  return { roots, rest }
}

function rationalRoot(a: Univariate): Rational | undefined {
  let common = 1n
  for (const { d } of a) common *= d
  const first = scaled(a[0] ?? zero, common)
  const last = scaled(a.at(-1) ?? zero, common)
  for (const q of divisors(last))
    for (const p of divisors(first))
      for (const sign of [1n, -1n]) {
        spend(a.length)
        const root = rational(sign * p, q)
        if (valueAt(a, root).n === 0n) return root
      }
  return undefined
}

function scaled(a: Rational, by: bigint): bigint {
  const value = (a.n * by) / a.d
  return value < 0n ? -value : value
}

function divisors(value: bigint): bigint[] {
  const found: bigint[] = []
  for (let p = 1n; p * p <= value && p < 2000n; p++) {
    spend(1)
    if (value % p === 0n) found.push(p, value / p)
  }
  return found
}
