import { isRealBox } from '#server/answers/interval/complex.ts'
import { evaluateFraction, evaluatePolynomial } from '#server/answers/interval/evaluate.ts'
import { magnitude, signOf } from '#server/answers/interval/real.ts'
import { spend } from '#server/answers/work.ts'
import { atomOf, atomsIn, isAlgebraicAtom, isConstantAtom } from './atom.ts'
import { conjugate } from './conjugate.ts'
import { rationalOf, subtract } from './fraction.ts'
import { factorsKey } from './key.ts'
import { polynomialOf } from './polynomial.ts'
import { separationBits } from './separation.ts'
import type { Fraction, Polynomial, Term } from './term.ts'

export type ZeroTest = 'zero' | 'nonzero' | 'unknown'

const bitsFirst = 80
const bitsMax = 12_000
const trialBitsMax = 1300
/** Trial division leaves no composite number below this one. */
const primesSure = 25_000_000n

/** Whether a fraction is zero: proven, refuted, or neither. Functions are compared as functions, not at a point. */
export function decideZero(a: Fraction): ZeroTest {
  if (a.num.size === 0) return 'zero'
  const groups = byTranscendentalPart(a.num)
  let open = false
  let nonzero = false
  for (const group of groups.values()) {
    const test = algebraicZero(group)
    if (test === 'nonzero') nonzero = true
    if (test === 'unknown') open = true
  }
  if (!nonzero && !open) return 'zero'
  const outer = new Set<number>()
  for (const { factors } of a.num.values())
    for (const { id } of factors) if (!isAlgebraicAtom(id)) outer.add(id)
  if (nonzero && [...outer].every(isIndependent)) return 'nonzero'
  if (![...outer].every(isConstantAtom)) return 'unknown'
  return isApart(a.num) ? 'nonzero' : 'unknown'
}

/** π and free variables are algebraically independent over the algebraic numbers. */
function isIndependent(id: number): boolean {
  const { kind } = atomOf(id)
  return kind === 'symbol' || kind === 'pi'
}

function byTranscendentalPart(a: Polynomial): Map<string, Polynomial> {
  const terms = new Map<string, Term[]>()
  for (const { coefficient, factors } of a.values()) {
    const key = factorsKey(factors.filter(({ id }) => !isAlgebraicAtom(id)))
    const inner = factors.filter(({ id }) => isAlgebraicAtom(id))
    const group = terms.get(key)
    if (group) group.push({ coefficient, factors: inner })
    else terms.set(key, [{ coefficient, factors: inner }])
  }
  return new Map([...terms].map(([key, list]) => [key, polynomialOf(list)]))
}

function algebraicZero(a: Polynomial): ZeroTest {
  if (a.size === 0) return 'zero'
  if (a.size === 1 || hasIndependentRadicals(a)) return 'nonzero'
  const bound = separationBits(a)
  for (let bits = bitsFirst; ; bits *= 2) {
    spend(bits / 16)
    const box = evaluatePolynomial(a, bits)
    if (box) {
      if (signOf(box.re) !== 0 || signOf(box.im) !== 0) return 'nonzero'
      if (Math.max(magnitude(box.re), magnitude(box.im)) + 1 < -bound) return 'zero'
    }
    if (bits > bitsMax || (bits > trialBitsMax && bound > 2 * bitsMax)) return 'unknown'
  }
}

/**
 * Products of fractional powers of primes, and those times i, are linearly independent over the rationals
 * (Besicovitch 1940), so a sum of distinct ones is not zero.
 */
function hasIndependentRadicals(a: Polynomial): boolean {
  for (const { factors } of a.values())
    for (const { id, exponent } of factors) {
      const atom = atomOf(id)
      if (atom.kind === 'prime' && atom.value < primesSure) continue
      if (atom.kind === 'unity' && exponent.n === 1n && exponent.d === 4n) continue
      return false
    }
  return true
}

function isApart(a: Polynomial): boolean {
  for (let bits = bitsFirst; bits < trialBitsMax; bits *= 2) {
    spend(bits / 16)
    const box = evaluatePolynomial(a, bits)
    if (box && (signOf(box.re) !== 0 || signOf(box.im) !== 0)) return true
  }
  return false
}

export function isConstant(a: Fraction): boolean {
  return atomsIn(a).every(isConstantAtom)
}

/** −1, 0 or 1 for a real constant; undefined where it is not real or not decided. */
export function signOfConstant(a: Fraction): number | undefined {
  const value = rationalOf(a)
  if (value) return value.n < 0n ? -1 : value.n > 0n ? 1 : 0
  if (!isConstant(a)) return undefined
  if (decideZero(a) === 'zero') return 0
  for (let bits = bitsFirst; bits < trialBitsMax; bits *= 2) {
    spend(bits / 16)
    const box = evaluateFraction(a, bits)
    if (!box) continue
    if (!isRealBox(box)) {
      if (signOf(box.im) !== 0) return undefined
      if (bits > 200 && !isReal(a)) return undefined
    }
    const sign = signOf(box.re)
    if (sign !== 0) return sign
  }
  return undefined
}

/** Proven to be real: no root of unity inside, or equal to its own conjugate. */
export function isReal(a: Fraction): boolean {
  return (
    atomsIn(a).every((id) => isRealAtom(id, 0)) || decideZero(subtract(a, conjugate(a))) === 'zero'
  )
}

function isRealAtom(id: number, depth: number): boolean {
  const atom = atomOf(id)
  switch (atom.kind) {
    case 'unity':
      return false
    case 'exp':
      return depth < 20 && atom.of.every((factor) => isRealAtom(factor.id, depth + 1))
    case 'ln':
    case 'base':
      return depth < 20 && isPositive(atom.of)
    case 'call':
      return (
        atom.name === 'abs' ||
        atom.args.every((arg) => atomsIn(arg).every((inner) => isRealAtom(inner, depth + 1)))
      )
    default:
      return true
  }
}

function isPositive(a: Fraction): boolean {
  return isConstant(a) && signOfConstant(a) === 1
}
