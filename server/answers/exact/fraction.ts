import { spend, undecided } from '#server/answers/work.ts'
import { atomOf } from './atom.ts'
import { dividePolynomials } from './divide-polynomials.ts'
import { constantOf, isPolynomial, onlyTerm, polynomialKey } from './key.ts'
import {
  addPolynomials,
  constantPolynomial,
  firstTerm,
  multiplyPolynomials,
  multiplyTerms,
  polynomialOf,
  powerTerm,
  scalePolynomial,
  termOf,
} from './polynomial.ts'
import {
  addRational,
  floorRational,
  invertRational,
  negateRational,
  one,
  type Rational,
  rational,
} from './rational.ts'
import type { Factor, Fraction, Polynomial, Term } from './term.ts'

const unit = (): Polynomial => constantPolynomial(one)

export function fractionOf(value: Rational): Fraction {
  return { num: constantPolynomial(value), den: unit() }
}

export function integerFraction(value: number | bigint): Fraction {
  return fractionOf(rational(value))
}

export function termFraction(term: Term): Fraction {
  return { num: polynomialOf([term]), den: unit() }
}

export function atomFraction(id: number, exponent: Rational = one): Fraction {
  return termFraction(termOf(id, exponent))
}

export function polynomialFraction(num: Polynomial): Fraction {
  return { num, den: unit() }
}

/** The value of a fraction without atoms. */
export function rationalOf(a: Fraction): Rational | undefined {
  const den = constantOf(a.den)
  if (!den) return undefined
  return constantOf(a.num)
}

export function add(a: Fraction, b: Fraction): Fraction {
  if (isPolynomial(a) && isPolynomial(b)) return { num: addPolynomials(a.num, b.num), den: a.den }
  if (polynomialKey(a.den) === polynomialKey(b.den))
    return quotient(addPolynomials(a.num, b.num), a.den)
  return quotient(
    addPolynomials(multiplyPolynomials(a.num, b.den), multiplyPolynomials(b.num, a.den)),
    multiplyPolynomials(a.den, b.den),
  )
}

export function negate(a: Fraction): Fraction {
  return { num: scalePolynomial(a.num, rational(-1n)), den: a.den }
}

export function subtract(a: Fraction, b: Fraction): Fraction {
  return add(a, negate(b))
}

export function multiply(a: Fraction, b: Fraction): Fraction {
  return quotient(multiplyPolynomials(a.num, b.num), multiplyPolynomials(a.den, b.den))
}

/** The caller has made sure that `b` is not zero. */
export function divide(a: Fraction, b: Fraction): Fraction {
  return quotient(multiplyPolynomials(a.num, b.den), multiplyPolynomials(a.den, b.num))
}

export function scale(a: Fraction, by: Rational): Fraction {
  return { num: scalePolynomial(a.num, by), den: a.den }
}

export function integerPower(a: Fraction, exponent: number): Fraction {
  if (exponent < 0) return integerPower(divide(fractionOf(one), a), -exponent)
  const term = isPolynomial(a) ? onlyTerm(a.num) : undefined
  if (term) return settleBases(polynomialOf([powerTerm(term, exponent)]), unit())
  if (exponent > 2000) undecided('too much work')
  let result = fractionOf(one)
  let square = a
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, square)
    if (rest > 1) square = multiply(square, square)
  }
  return result
}

function quotient(num: Polynomial, den: Polynomial): Fraction {
  if (needsSettling(num) || needsSettling(den)) {
    const top = settleBases(num, unit())
    const bottom = settleBases(den, unit())
    return reduced(
      multiplyPolynomials(top.num, bottom.den),
      multiplyPolynomials(top.den, bottom.num),
    )
  }
  return reduced(num, den)
}

function reduced(num: Polynomial, den: Polynomial): Fraction {
  if (den.size === 0) undecided('division by zero')
  if (num.size === 0) return { num, den: unit() }
  const single = onlyTerm(den)
  if (single) {
    if (single.factors.length === 0)
      return { num: scalePolynomial(num, invertRational(single.coefficient)), den: unit() }
    const inverse = powerTerm(single, -1)
    const folded = multiplyPolynomials(num, polynomialOf([inverse]))
    return needsSettling(folded) ? settleBases(folded, unit()) : { num: folded, den: unit() }
  }
  const first = firstTerm(den).coefficient
  const by = invertRational(first)
  const top = scalePolynomial(num, by)
  const bottom = scalePolynomial(den, by)
  const whole = dividePolynomials(top, bottom)
  return whole ? { num: whole, den: unit() } : { num: top, den: bottom }
}

function needsSettling(a: Polynomial): boolean {
  for (const { factors } of a.values()) if (factors.some(isOver)) return true
  return false
}

/** A radical to a power outside of [0, 1): the whole part is a power of what stands under it. */
function isOver({ id, exponent }: Factor): boolean {
  return (exponent.n < 0n || exponent.n >= exponent.d) && atomOf(id).kind === 'base'
}

function settleBases(num: Polynomial, den: Polynomial): Fraction {
  if (!needsSettling(num)) return { num, den }
  const kept: Term[] = []
  let sum: Fraction = { num: new Map(), den }
  for (const term of num.values()) {
    spend(1)
    const over = term.factors.find(isOver)
    if (!over) {
      kept.push(term)
      continue
    }
    const atom = atomOf(over.id)
    if (atom.kind !== 'base') continue
    const whole = floorRational(over.exponent)
    const rest = addRational(over.exponent, negateRational(rational(whole)))
    const others = term.factors.filter((factor) => factor !== over)
    const left = multiplyTerms(
      { coefficient: term.coefficient, factors: others },
      rest.n === 0n
        ? { coefficient: one, factors: [] }
        : { coefficient: one, factors: [{ id: over.id, exponent: rest }] },
    )
    if (whole > 1000n || whole < -1000n) undecided('too much work')
    sum = add(sum, multiply(termFraction(left), integerPower(atom.of, Number(whole))))
  }
  return add({ num: polynomialOf(kept), den }, sum)
}
