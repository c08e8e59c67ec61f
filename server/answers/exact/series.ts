import { spend, undecided } from '#server/answers/work.ts'
import { absolute } from './absolute.ts'
import { atomId, atomOf, insideOf } from './atom.ts'
import { decideZero, isConstant, signOfConstant } from './decide-zero.ts'
import { factorialValue } from './factorial.ts'
import {
  add,
  atomFraction,
  divide,
  fractionOf,
  integerFraction,
  integerPower,
  multiply,
  rationalOf,
  scale,
  subtract,
  termFraction,
} from './fraction.ts'
import { binomial } from './integer.ts'
import { isPolynomial } from './key.ts'
import { exponential, logarithm } from './logarithm.ts'
import {
  addRational,
  multiplyRational,
  negateRational,
  one,
  type Rational,
  rational,
  smallInteger,
} from './rational.ts'
import type { Factor, Fraction, Term } from './term.ts'

const loopMax = 20_000

/**
 * Σ or Π of `body(index)`. Finite bounds are added up; a sum to a free bound has Faulhaber's closed form for
 * polynomials and the geometric one for powers; `to` undefined stands for infinity.
 */
export function seriesValue(
  op: 'sum' | 'prod',
  index: string,
  from: Fraction,
  to: Fraction | undefined,
  body: (index: Fraction) => Fraction,
): Fraction {
  const first = rationalOf(from)
  const last = to && rationalOf(to)
  if (first && last) return finite(op, first, last, body)
  if (op === 'prod') return openProduct(from, to, body)
  // A name that no formula has, so that an outer variable of the same name is not caught.
  const name = `#${index}`
  const id = atomId({ kind: 'symbol', name })
  const general = body(atomFraction(id))
  if (!isPolynomial(general)) undecided('sum without a closed form')
  let sum = integerFraction(0)
  for (const term of general.num.values()) sum = add(sum, sumOfTerm(term, id, from, to))
  return sum
}

function finite(
  op: 'sum' | 'prod',
  from: Rational,
  to: Rational,
  body: (index: Fraction) => Fraction,
): Fraction {
  const first = smallInteger(from)
  const last = smallInteger(to)
  if (first === undefined || last === undefined || last - first > loopMax)
    return undecided('too many terms')
  let result = integerFraction(op === 'sum' ? 0 : 1)
  for (let at = first; at <= last; at++) {
    spend(8)
    const value = body(integerFraction(at))
    result = op === 'sum' ? add(result, value) : multiply(result, value)
  }
  return result
}

/** Π of k is n!, Π of a constant is a power. */
function openProduct(
  from: Fraction,
  to: Fraction | undefined,
  body: (index: Fraction) => Fraction,
): Fraction {
  if (!to) return undecided('infinite product')
  const id = atomId({ kind: 'symbol', name: '#k' })
  const general = body(atomFraction(id))
  if (rationalOf(from)?.n === 1n && decideZero(subtract(general, atomFraction(id))) === 'zero')
    return factorialValue(to)
  return undecided('product without a closed form')
}

function sumOfTerm(term: Term, id: number, from: Fraction, to: Fraction | undefined): Fraction {
  let degree = 0
  let ratio = fractionOf(one)
  const outer: Factor[] = []
  for (const factor of term.factors) {
    const atom = atomOf(factor.id)
    if (factor.id === id) {
      const power = smallInteger(factor.exponent, 40)
      if (power === undefined || power < 0) return undecided('sum without a closed form')
      degree = power
    } else if (!dependsOn(factor.id, id)) outer.push(factor)
    else if (atom.kind === 'exp') ratio = multiply(ratio, growth(atom.of, factor.exponent, id))
    else return undecided('sum without a closed form')
  }
  const scaleBy = termFraction({ coefficient: term.coefficient, factors: outer })
  const isPower = decideZero(subtract(ratio, fractionOf(one))) !== 'zero'
  if (isPower) {
    if (degree > 0) return undecided('sum without a closed form')
    return multiply(scaleBy, geometric(ratio, from, to))
  }
  if (!to) return undecided('infinite sum')
  const upper = faulhaber(degree, to)
  const lower = faulhaber(degree, subtract(from, fractionOf(one)))
  return multiply(scaleBy, subtract(upper, lower))
}

/** exp(c·k·m) as a power (exp(c·m))^k. */
function growth(factors: readonly Factor[], exponent: Rational, id: number): Fraction {
  const own = factors.find((factor) => factor.id === id)
  const rest = factors.filter((factor) => factor.id !== id)
  if (
    own?.exponent.n !== 1n ||
    own.exponent.d !== 1n ||
    rest.some((factor) => dependsOn(factor.id, id))
  )
    undecided('sum without a closed form')
  return exponential(termFraction({ coefficient: exponent, factors: rest }))
}

function geometric(ratio: Fraction, from: Fraction, to: Fraction | undefined): Fraction {
  const low = powerOf(ratio, from)
  const denominator = subtract(ratio, fractionOf(one))
  if (to) return divide(subtract(multiply(ratio, powerOf(ratio, to)), low), denominator)
  const small = isConstant(ratio)
    ? signOfConstant(subtract(fractionOf(one), absolute(ratio)))
    : undefined
  if (small !== 1) undecided('sum that may not converge')
  return divide(scale(low, rational(-1n)), denominator)
}

function powerOf(ratio: Fraction, exponent: Fraction): Fraction {
  const value = rationalOf(exponent)
  const whole = value && smallInteger(value)
  if (whole !== undefined) return integerPower(ratio, whole)
  return exponential(multiply(exponent, logarithm(ratio)))
}

function dependsOn(id: number, on: number): boolean {
  if (id === on) return true
  return insideOf(atomOf(id)).some((inner) => dependsOn(inner, on))
}

/** Σ_{k=1}^{n} k^p = 1/(p+1) Σ_j C(p+1, j) B_j n^{p+1−j} with B_1 = +1/2. */
function faulhaber(p: number, n: Fraction): Fraction {
  let sum = integerFraction(0)
  for (let j = 0; j <= p; j++) {
    const weight = multiplyRational(rational(binomial(p + 1, j), BigInt(p + 1)), bernoulli(j))
    sum = add(sum, scale(integerPower(n, p + 1 - j), weight))
  }
  return sum
}

function bernoulli(n: number): Rational {
  if (n === 1) return rational(1n, 2n)
  const known: Rational[] = [one]
  for (let m = 1; m <= n; m++) {
    let sum = rational(0n)
    for (let k = 0; k < m; k++)
      sum = addRational(sum, multiplyRational(rational(binomial(m + 1, k)), known[k] ?? one))
    known.push(negateRational(multiplyRational(sum, rational(1n, BigInt(m + 1)))))
  }
  return known[n] ?? one
}
