import { atomId, atomOf, isConstantAtom } from '#server/answers/exact/atom.ts'
import { canonical } from '#server/answers/exact/canonical.ts'
import { clearPowers } from '#server/answers/exact/clear-powers.ts'
import { signOfConstant } from '#server/answers/exact/decide-zero.ts'
import {
  add,
  divide,
  fractionOf,
  integerFraction,
  multiply,
  negate,
  polynomialFraction,
  scale,
  subtract,
} from '#server/answers/exact/fraction.ts'
import { constantOf } from '#server/answers/exact/key.ts'
import { polynomialOf } from '#server/answers/exact/polynomial.ts'
import { rationalPower } from '#server/answers/exact/radical.ts'
import { type Rational, rational, zero } from '#server/answers/exact/rational.ts'
import type { Fraction, Polynomial, Term } from '#server/answers/exact/term.ts'
import { evaluateFraction } from '#server/answers/interval/evaluate.ts'
import { toFixed } from '#server/answers/interval/real.ts'
import type { Node } from '#server/answers/parse/node.ts'
import { undecided } from '#server/answers/work.ts'
import { allReals, order, type Piece, type RealSet, union } from './real-set.ts'
import {
  countRealRoots,
  splitRationalRoots,
  squareFree,
  type Univariate,
  valueAt,
} from './univariate.ts'

/** The real numbers for which `left op right` holds, for polynomials and rational functions of one variable. */
export function solveInequality(left: Node, op: string, right: Node, variable: string): RealSet {
  if (right.k === 'inf' && (op === '<' || op === '<=')) return allReals
  if (left.k === 'neg' && left.a.k === 'inf') return allReals
  const difference = clearPowers(subtract(canonical(left), canonical(right)))
  const linear = solveLinear(difference, op, variable)
  if (linear) return linear
  const num = univariateOf(difference.num, variable)
  const den = univariateOf(difference.den, variable)
  if (!num || !den) return undecided('inequality without an exact solution')
  const zeros = realRoots(num)
  const poles = realRoots(den)
  const ends: { at: Fraction; pole: boolean }[] = []
  for (const root of poles) insert(ends, root, true)
  for (const root of zeros) insert(ends, root, false)
  let set: RealSet = []
  const holds = (sign: number) =>
    op === '<' || op === '<='
      ? sign < 0
      : op === '>' || op === '>='
        ? sign > 0
        : op === '!='
          ? sign !== 0
          : sign === 0
  const whole = op === '<=' || op === '>=' || op === '='
  for (let cell = 0; cell <= ends.length; cell++) {
    const lo = ends[cell - 1]?.at
    const hi = ends[cell]?.at
    const point = between(lo, hi)
    const sign =
      Math.sign(Number(valueAt(num, point).n > 0n) - 0.5) *
      Math.sign(Number(valueAt(den, point).n > 0n) - 0.5)
    if (holds(sign)) set = union(set, [{ lo, hi, loClosed: false, hiClosed: false }])
    const end = ends[cell]
    if (end && !end.pole && whole)
      set = union(set, [{ lo: end.at, hi: end.at, loClosed: true, hiClosed: true }])
  }
  return set
}

function insert(ends: { at: Fraction; pole: boolean }[], root: Fraction, pole: boolean): void {
  const place = ends.findIndex(({ at }) => order(root, at) <= 0)
  if (place >= 0 && order(root, ends[place]?.at ?? root) === 0) return
  ends.splice(place < 0 ? ends.length : place, 0, { at: root, pole })
}

/** A rational number strictly between two ends. */
function between(lo: Fraction | undefined, hi: Fraction | undefined): Rational {
  if (!lo && !hi) return zero
  if (!lo && hi) return rational(floorOf(hi) - 1n)
  if (lo && !hi) return rational(floorOf(lo) + 2n)
  for (let bits = 64; bits < 2000; bits *= 2) {
    const a = lo && evaluateFraction(lo, bits)
    const b = hi && evaluateFraction(hi, bits)
    if (!a || !b) continue
    const below = toFixed(a.re, bits).hi
    const above = toFixed(b.re, bits).lo
    if (below < above) {
      const point = rational(below + above, 1n << BigInt(bits + 1))
      if (lo && hi && order(lo, fractionOf(point)) < 0 && order(fractionOf(point), hi) < 0)
        return point
    }
  }
  return undecided('order of two ends')
}

function floorOf(a: Fraction): bigint {
  const box = evaluateFraction(a, 128) ?? undecided('order of two ends')
  return toFixed(box.re, 0).lo
}

/** c1·x + c0 with any real constants. */
function solveLinear(difference: Fraction, op: string, variable: string): RealSet | undefined {
  if (!constantOf(difference.den)) return undefined
  const parts = splitByVariable(difference.num, variable)
  if (!parts || [...parts.keys()].some((power) => power > 1)) return undefined
  const slope = parts.get(1)
  if (!slope) return undefined
  const sign = signOfConstant(slope) ?? undecided('order of two ends')
  const root = divide(negate(parts.get(0) ?? integerFraction(0)), slope)
  const greater = op.startsWith('>') === sign > 0
  const piece = (lo: Fraction | undefined, hi: Fraction | undefined, closed: boolean): Piece => ({
    lo,
    hi,
    loClosed: closed && lo !== undefined,
    hiClosed: closed && hi !== undefined,
  })
  if (op === '=') return [piece(root, root, true)]
  if (op === '!=') return [piece(undefined, root, false), piece(root, undefined, false)]
  const closed = op.endsWith('=')
  return greater ? [piece(root, undefined, closed)] : [piece(undefined, root, closed)]
}

/** Constant coefficients by the power of the one variable; undefined where it stands anywhere else. */
export function splitByVariable(
  a: Polynomial,
  variable: string,
): Map<number, Fraction> | undefined {
  const id = atomId({ kind: 'symbol', name: variable })
  const terms = new Map<number, Term[]>()
  for (const { coefficient, factors } of a.values()) {
    const own = factors.find((factor) => factor.id === id)
    const others = factors.filter((factor) => factor.id !== id)
    if (others.some((factor) => !isConstantAtom(factor.id))) return undefined
    const power = own ? Number(own.exponent.n) : 0
    if (own && (own.exponent.d !== 1n || power < 0 || power > 200)) return undefined
    const list = terms.get(power)
    if (list) list.push({ coefficient, factors: others })
    else terms.set(power, [{ coefficient, factors: others }])
  }
  return new Map([...terms].map(([power, list]) => [power, polynomialFraction(polynomialOf(list))]))
}

export function univariateOf(a: Polynomial, variable: string): Univariate | undefined {
  const values: Rational[] = []
  for (const { coefficient, factors } of a.values()) {
    const [only, ...more] = factors
    if (more.length > 0) return undefined
    const atom = only && atomOf(only.id)
    if (
      only &&
      (atom?.kind !== 'symbol' ||
        atom.name !== variable ||
        only.exponent.d !== 1n ||
        only.exponent.n < 0n ||
        only.exponent.n > 60n)
    )
      return undefined
    values[only ? Number(only.exponent.n) : 0] = coefficient
  }
  return Array.from(values, (value) => value ?? zero)
}

/** All real roots in exact form. */
export function realRoots(a: Univariate): Fraction[] {
  if (a.length < 2) return []
  const { roots, rest } = splitRationalRoots(squareFree(a))
  const found = roots.map(fractionOf)
  const [c, b, lead] = rest
  if (rest.length <= 1) return found
  if (countRealRoots(rest) === 0) return found
  if (rest.length !== 3 || !c || !b || !lead) return undecided('roots without an exact form')
  const half = scale(fractionOf(b), rational(-lead.d, 2n * lead.n))
  const inner = subtract(multiply(half, half), scale(fractionOf(c), rational(lead.d, lead.n)))
  const root = rationalPower(inner, rational(1n, 2n))
  return [...found, subtract(half, root), add(half, root)]
}
