import { type Atom, atomOf } from '#server/answers/exact/atom.ts'
import { rational } from '#server/answers/exact/rational.ts'
import type { Factor, Fraction, Polynomial } from '#server/answers/exact/term.ts'
import { spend } from '#server/answers/work.ts'
import {
  addBoxes,
  type Box,
  expBox,
  invertBox,
  isRealBox,
  lnBox,
  multiplyBoxes,
  normOf,
  powerBox,
  realBox,
} from './complex.ts'
import { atanInterval, piInterval, sinCosInterval } from './elementary.ts'
import {
  exactInterval,
  multiplyIntervals,
  negateInterval,
  rationalInterval,
  rootInterval,
  signOf,
  zeroInterval,
} from './real.ts'

type Known = Map<number, Box | undefined>

/** A constant fraction as a box at a working precision; undefined where a part has no bound at this precision. */
export function evaluateFraction(a: Fraction, bits: number): Box | undefined {
  return fractionBox(a, bits, new Map())
}

export function evaluatePolynomial(a: Polynomial, bits: number): Box | undefined {
  return polynomialBox(a, bits, new Map())
}

function fractionBox(a: Fraction, bits: number, known: Known): Box | undefined {
  const num = polynomialBox(a.num, bits, known)
  const den = num && polynomialBox(a.den, bits, known)
  const inverse = den && invertBox(den, bits)
  return num && inverse && multiplyBoxes(num, inverse, bits)
}

function polynomialBox(a: Polynomial, bits: number, known: Known): Box | undefined {
  let sum: Box = realBox(zeroInterval)
  for (const { coefficient, factors } of a.values()) {
    spend(1)
    const monomial = monomialBox(factors, bits, known)
    if (!monomial) return undefined
    sum = addBoxes(
      sum,
      multiplyBoxes(monomial, realBox(rationalInterval(coefficient, bits)), bits),
      bits,
    )
  }
  return sum
}

function monomialBox(factors: readonly Factor[], bits: number, known: Known): Box | undefined {
  let product: Box = realBox(exactInterval(1n))
  for (const factor of factors) {
    const box = factorBox(factor, bits, known)
    if (!box) return undefined
    product = multiplyBoxes(product, box, bits)
  }
  return product
}

function factorBox({ id, exponent }: Factor, bits: number, known: Known): Box | undefined {
  const atom = atomOf(id)
  if (atom.kind === 'unity') {
    if (exponent.n === 1n && exponent.d === 4n) return { re: zeroInterval, im: exactInterval(1n) }
    const angle = multiplyIntervals(
      piInterval(bits),
      rationalInterval(rational(2n * exponent.n, exponent.d), bits),
      bits,
    )
    const turn = sinCosInterval(angle, bits)
    return turn && { re: turn.cos, im: turn.sin }
  }
  if (atom.kind === 'exp') {
    const inner = monomialBox(atom.of, bits + 8, known)
    return (
      inner &&
      expBox(multiplyBoxes(inner, realBox(rationalInterval(exponent, bits + 8)), bits + 8), bits)
    )
  }
  if (!known.has(id)) known.set(id, atomBox(atom, bits, known))
  const base = known.get(id)
  return base && powerBox(base, exponent, bits)
}

function atomBox(atom: Atom, bits: number, known: Known): Box | undefined {
  switch (atom.kind) {
    case 'pi':
      return realBox(piInterval(bits))
    case 'prime':
      return realBox(exactInterval(atom.value))
    case 'ln': {
      const inner = fractionBox(atom.of, bits + 8, known)
      return inner && lnBox(inner, bits)
    }
    case 'base':
      return fractionBox(atom.of, bits + 8, known)
    case 'call':
      return callBox(atom, bits, known)
    default:
      return undefined
  }
}

function callBox(
  atom: Extract<Atom, { kind: 'call' }>,
  bits: number,
  known: Known,
): Box | undefined {
  const [first] = atom.args
  const x = first && fractionBox(first, bits + 16, known)
  if (!x) return undefined
  if (atom.name === 'abs') {
    if (isRealBox(x)) {
      const sign = signOf(x.re)
      if (sign !== 0) return realBox(sign > 0 ? x.re : negateInterval(x.re))
    }
    const size = rootInterval(normOf(x, bits + 16), 2, bits)
    return size && realBox(size)
  }
  if (!isRealBox(x)) return undefined
  if (atom.name === 'arctan') {
    const angle = atanInterval(x.re, bits)
    return angle && realBox(angle)
  }
  return undefined
}
