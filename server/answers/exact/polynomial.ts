import { spend, undecided } from '#server/answers/work.ts'
import { atomOf } from './atom.ts'
import { power } from './integer.ts'
import { factorsKey } from './key.ts'
import {
  addRational,
  floorRational,
  multiplyRational,
  negateRational,
  one,
  powerRational,
  type Rational,
  rational,
} from './rational.ts'
import type { Factor, Polynomial, Term } from './term.ts'

const termsMax = 6000
const half = rational(1n, 2n)

export function polynomialOf(terms: Iterable<Term>): Polynomial {
  const sum = new Map<string, Term>()
  for (const term of terms) addTerm(sum, term)
  return sum
}

export function constantPolynomial(value: Rational): Polynomial {
  return polynomialOf([{ coefficient: value, factors: [] }])
}

function addTerm(sum: Map<string, Term>, term: Term): void {
  spend(1)
  if (term.coefficient.n === 0n) return
  const key = factorsKey(term.factors)
  const known = sum.get(key)
  if (!known) {
    if (sum.size > termsMax) undecided('too much work')
    sum.set(key, term)
    return
  }
  const coefficient = addRational(known.coefficient, term.coefficient)
  if (coefficient.n === 0n) sum.delete(key)
  else sum.set(key, { coefficient, factors: known.factors })
}

export function addPolynomials(a: Polynomial, b: Polynomial): Polynomial {
  const [large, little] = a.size >= b.size ? [a, b] : [b, a]
  const sum = new Map(large)
  spend(large.size / 16)
  for (const term of little.values()) addTerm(sum, term)
  return sum
}

export function scalePolynomial(a: Polynomial, by: Rational): Polynomial {
  if (by.n === by.d) return a
  if (by.n === 0n) return new Map()
  const scaled = new Map<string, Term>()
  spend(a.size)
  for (const [key, { coefficient, factors }] of a)
    scaled.set(key, { coefficient: multiplyRational(coefficient, by), factors })
  return scaled
}

export function multiplyPolynomials(a: Polynomial, b: Polynomial): Polynomial {
  spend(a.size * b.size * 5)
  const product = new Map<string, Term>()
  for (const x of a.values()) for (const y of b.values()) addTerm(product, multiplyTerms(x, y))
  return product
}

/** The product of two terms, with whole powers of primes and roots of unity taken out. */
export function multiplyTerms(a: Term, b: Term): Term {
  let coefficient = multiplyRational(a.coefficient, b.coefficient)
  if (a.factors.length === 0) return { coefficient, factors: b.factors }
  if (b.factors.length === 0) return { coefficient, factors: a.factors }
  const factors: Factor[] = []
  let i = 0
  let j = 0
  while (i < a.factors.length || j < b.factors.length) {
    spend(1)
    const x = a.factors[i]
    const y = b.factors[j]
    if (x && (!y || x.id < y.id)) {
      factors.push(x)
      i++
    } else if (y && (!x || y.id < x.id)) {
      factors.push(y)
      j++
    } else if (x && y) {
      const settled = settleFactor({ id: x.id, exponent: addRational(x.exponent, y.exponent) })
      coefficient = multiplyRational(coefficient, settled.coefficient)
      if (settled.factor) factors.push(settled.factor)
      i++
      j++
    }
  }
  return { coefficient, factors }
}

/** A term of one factor, settled. */
export function termOf(id: number, exponent: Rational = one): Term {
  const settled = settleFactor({ id, exponent })
  return { coefficient: settled.coefficient, factors: settled.factor ? [settled.factor] : [] }
}

function settleFactor(factor: Factor): { coefficient: Rational; factor?: Factor } {
  const { id, exponent } = factor
  if (exponent.n === 0n) return { coefficient: one }
  const atom = atomOf(id)
  if (atom.kind === 'prime') {
    const whole = floorRational(exponent)
    if (whole === 0n) return { coefficient: one, factor }
    const rest = addRational(exponent, rational(-whole))
    const coefficient =
      whole > 0n
        ? rational(power(atom.value, Number(whole)))
        : rational(1n, power(atom.value, Number(-whole)))
    return rest.n === 0n ? { coefficient } : { coefficient, factor: { id, exponent: rest } }
  }
  if (atom.kind === 'unity') {
    // exp(2πi/2) = −1, so exponents lie in [0, 1/2) and the sign goes into the coefficient.
    const halves = floorRational(multiplyRational(exponent, rational(2n)))
    const rest = addRational(exponent, negateRational(multiplyRational(rational(halves), half)))
    const coefficient = rational(halves % 2n === 0n ? 1n : -1n)
    return rest.n === 0n ? { coefficient } : { coefficient, factor: { id, exponent: rest } }
  }
  return { coefficient: one, factor }
}

export function powerTerm(term: Term, exponent: number): Term {
  let result: Term = { coefficient: powerRational(term.coefficient, exponent), factors: [] }
  const by = rational(exponent)
  for (const { id, exponent: old } of term.factors)
    result = multiplyTerms(result, termOf(id, multiplyRational(old, by)))
  return result
}

/** The term whose key comes first: the one that a denominator is scaled by. */
export function firstTerm(a: Polynomial): Term {
  let first: string | undefined
  for (const key of a.keys()) if (first === undefined || key < first) first = key
  return (first === undefined ? undefined : a.get(first)) ?? undecided('division by zero')
}
