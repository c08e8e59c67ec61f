import { spend } from '#server/answers/work.ts'
import { atomOf } from './atom.ts'
import {
  addPolynomials,
  multiplyPolynomials,
  multiplyTerms,
  polynomialOf,
  powerTerm,
} from './polynomial.ts'
import { compareRational, rational, zero } from './rational.ts'
import type { Polynomial, Term } from './term.ts'

/** The exact quotient, or undefined where there is a rest; powers of radicals do not keep an order of terms. */
export function dividePolynomials(num: Polynomial, den: Polynomial): Polynomial | undefined {
  if (!isOrdered(den) || den.size > 60 || num.size > 400) return undefined
  const lead = leadingTerm(den)
  const inverse = powerTerm(lead, -1)
  const parts: Term[] = []
  let rest = num
  for (let step = 0; step < 80; step++) {
    if (rest.size === 0) return polynomialOf(parts)
    const top = leadingTerm(rest)
    const part = multiplyTerms(top, inverse)
    if (part.factors.some(({ exponent }) => exponent.n < 0n)) return undefined
    spend(den.size)
    parts.push(part)
    const taken = polynomialOf([
      { coefficient: rational(-part.coefficient.n, part.coefficient.d), factors: part.factors },
    ])
    rest = addPolynomials(rest, multiplyPolynomials(taken, den))
  }
  return undefined
}

function isOrdered(a: Polynomial): boolean {
  for (const { factors } of a.values())
    for (const { id } of factors) {
      const { kind } = atomOf(id)
      if (kind === 'prime' || kind === 'unity' || kind === 'base') return false
    }
  return true
}

/** The largest term in lexicographic order of exponents by atom. */
export function leadingTerm(a: Polynomial): Term {
  let best: Term | undefined
  for (const term of a.values()) if (!best || comesAfter(term, best)) best = term
  return best ?? { coefficient: zero, factors: [] }
}

function comesAfter(a: Term, b: Term): boolean {
  const ids = [...a.factors, ...b.factors].map(({ id }) => id).sort((x, y) => x - y)
  for (const id of ids) {
    const x = a.factors.find((factor) => factor.id === id)?.exponent ?? zero
    const y = b.factors.find((factor) => factor.id === id)?.exponent ?? zero
    const order = compareRational(x, y)
    if (order !== 0) return order > 0
  }
  return false
}
