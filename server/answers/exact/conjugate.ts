import { undecided } from '#server/answers/work.ts'
import { atomOf } from './atom.ts'
import { add, divide, fractionOf, multiply, polynomialFraction, termFraction } from './fraction.ts'
import { multiplyTerms, polynomialOf, scalePolynomial, termOf } from './polynomial.ts'
import { negateRational, one, rational } from './rational.ts'
import type { Factor, Fraction, Polynomial, Term } from './term.ts'

/** The complex conjugate, free variables being real; radicals and logarithms inside must be real. */
export function conjugate(a: Fraction): Fraction {
  return divide(
    polynomialFraction(conjugatePolynomial(a.num)),
    polynomialFraction(conjugatePolynomial(a.den)),
  )
}

function conjugatePolynomial(a: Polynomial): Polynomial {
  return polynomialOf([...a.values()].map(conjugateTerm))
}

function conjugateTerm(term: Term): Term {
  let result: Term = { coefficient: term.coefficient, factors: [] }
  for (const factor of term.factors) result = multiplyTerms(result, conjugateFactor(factor))
  return result
}

function conjugateFactor({ id, exponent }: Factor): Term {
  const atom = atomOf(id)
  if (atom.kind === 'unity') return termOf(id, negateRational(exponent))
  if (atom.kind !== 'exp') return termOf(id, exponent)
  const inner = conjugateTerm({ coefficient: one, factors: atom.of })
  const flipped = inner.coefficient.n === -1n && inner.coefficient.d === 1n
  if (!flipped && inner.coefficient.n !== 1n) undecided('complex conjugate')
  return termOf(id, flipped ? negateRational(exponent) : exponent)
}

/** Real and imaginary part, free variables being real. */
export function realPart(a: Fraction): Fraction {
  return multiply(add(a, conjugate(a)), fractionOf(rational(1n, 2n)))
}

export function imaginaryPart(a: Fraction, unityId: number): Fraction {
  const minusHalfI = termFraction({
    ...multiplyTerms(
      { coefficient: rational(-1n, 2n), factors: [] },
      termOf(unityId, rational(1n, 4n)),
    ),
  })
  const difference = add(a, {
    num: scalePolynomial(conjugate(a).num, rational(-1n)),
    den: conjugate(a).den,
  })
  return multiply(minusHalfI, difference)
}
