import { spend, undecided } from '#server/answers/work.ts'
import { leadingTerm } from './divide-polynomials.ts'
import { divide, polynomialFraction } from './fraction.ts'
import { integerRoot } from './integer.ts'
import { constantOf } from './key.ts'
import {
  addPolynomials,
  multiplyPolynomials,
  multiplyTerms,
  polynomialOf,
  powerTerm,
  scalePolynomial,
} from './polynomial.ts'
import { multiplyRational, rational } from './rational.ts'
import type { Fraction, Polynomial, Term } from './term.ts'

/** The polynomial or quotient whose square this is, up to its sign; undecided where there is none. */
export function squareRootOf(a: Fraction): Fraction {
  if (constantOf(a.den)) return polynomialFraction(polynomialRoot(a.num))
  return divide(
    polynomialFraction(polynomialRoot(a.num)),
    polynomialFraction(polynomialRoot(a.den)),
  )
}

function polynomialRoot(a: Polynomial): Polynomial {
  const lead = leadingTerm(a)
  const first: Term = {
    coefficient: rational(exactRoot(lead.coefficient.n), exactRoot(lead.coefficient.d)),
    factors: lead.factors.map(({ id, exponent }) =>
      exponent.d === 1n && exponent.n % 2n === 0n
        ? { id, exponent: rational(exponent.n / 2n) }
        : undecided('no square'),
    ),
  }
  let root = polynomialOf([first])
  const inverse = powerTerm(first, -1)
  for (let step = 0; step < 40; step++) {
    spend(root.size)
    const rest = addPolynomials(a, scalePolynomial(multiplyPolynomials(root, root), rational(-1n)))
    if (rest.size === 0) return root
    const next = multiplyTerms(leadingTerm(rest), inverse)
    if (next.factors.some(({ exponent }) => exponent.n < 0n || exponent.d !== 1n))
      undecided('no square')
    root = addPolynomials(
      root,
      polynomialOf([
        {
          coefficient: multiplyRational(next.coefficient, rational(1n, 2n)),
          factors: next.factors,
        },
      ]),
    )
  }
  return undecided('no square')
}

function exactRoot(value: bigint): bigint {
  if (value < 0n) undecided('no square')
  const root = integerRoot(value, 2)
  return root * root === value ? root : undecided('no square')
}
