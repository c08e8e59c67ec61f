import { canonical } from '#server/answers/exact/canonical.ts'
import { decideZero } from '#server/answers/exact/decide-zero.ts'
import { divide, integerFraction, rationalOf, subtract } from '#server/answers/exact/fraction.ts'
import {
  compareRational,
  floorRational,
  type Rational,
  rational,
} from '#server/answers/exact/rational.ts'
import type { Fraction } from '#server/answers/exact/term.ts'
import type { Node } from '#server/answers/parse/node.ts'
import { undecided } from '#server/answers/work.ts'
import { different, equal, type Outcome, open } from './outcome.ts'

/** offset + period·k for all integers k. */
type Progression = { offset: Fraction; period: Fraction }

/** Values that depend on an integer of any name: kπ, ±π/3 + 2kπ. Both are laid out over their common period. */
export function compareFamilies(
  a: { bodies: Node[]; index: string },
  b: { bodies: Node[]; index: string },
): Outcome {
  const left = a.bodies.map((body) => progressionOf(body, a.index))
  const right = b.bodies.map((body) => progressionOf(body, b.index))
  const unit = left[0]?.period ?? undecided('family without a period')
  const ratios = [...left, ...right].map(({ period }) => rationalOf(divide(period, unit)))
  if (!ratios.every((ratio) => ratio !== undefined))
    return open('periods without a common multiple')
  const whole = ratios.reduce(commonMultiple, rational(1n))
  if (floorRational(whole) > 200n) return open('too much work')
  const lefts = residues(left, unit, whole)
  const rights = residues(right, unit, whole)
  if (!lefts || !rights) return compareLoose(left, right)
  const keys = (list: readonly Rational[]) =>
    [...new Set(list.map(({ n, d }) => `${n}/${d}`))].sort().join()
  return keys(lefts) === keys(rights) ? equal('same family') : different('different family')
}

function progressionOf(body: Node, index: string): Progression {
  const at = (k: number) => canonical(body, new Map([[index, integerFraction(k)]]))
  const offset = at(0)
  const period = subtract(at(1), offset)
  const straight =
    decideZero(subtract(subtract(at(2), at(1)), period)) === 'zero' &&
    decideZero(subtract(subtract(at(7), at(6)), period)) === 'zero'
  if (!straight || decideZero(period) !== 'nonzero') undecided('family without a period')
  return { offset, period }
}

function commonMultiple(a: Rational, b: Rational | undefined): Rational {
  if (!b) return a
  const size = b.n < 0n ? rational(-b.n, b.d) : b
  let multiple = a
  for (let k = 1; k < 400; k++) {
    const ratio = rational(multiple.n * size.d, multiple.d * size.n)
    if (ratio.d === 1n) return multiple
    multiple = rational(a.n * BigInt(k + 1), a.d)
  }
  return undecided('periods without a common multiple')
}

/** Offsets within the common period, in units of one period, measured from nothing; undefined where one is irrational. */
function residues(
  list: readonly Progression[],
  unit: Fraction,
  whole: Rational,
): Rational[] | undefined {
  const found: Rational[] = []
  for (const { offset, period } of list) {
    const ratio = rationalOf(divide(period, unit)) ?? undecided('periods without a common multiple')
    const start = rationalOf(divide(offset, unit))
    if (!start) return undefined
    const step = ratio.n < 0n ? rational(-ratio.n, ratio.d) : ratio
    for (let at = start, left = 0; left < 400; left++) {
      found.push(modulo(at, whole))
      at = rational(at.n * step.d + step.n * at.d, at.d * step.d)
      if (compareRational(modulo(at, whole), modulo(start, whole)) === 0) break
    }
  }
  return found
}

function modulo(a: Rational, by: Rational): Rational {
  const times = floorRational(rational(a.n * by.d, a.d * by.n))
  return rational(a.n * by.d - times * by.n * a.d, a.d * by.d)
}

/** Irrational offsets: each progression has to meet one with the same period. */
function compareLoose(left: readonly Progression[], right: readonly Progression[]): Outcome {
  const meets = (a: Progression, b: Progression) => {
    const ratio = rationalOf(divide(a.period, b.period))
    const shift = rationalOf(divide(subtract(a.offset, b.offset), a.period))
    return ratio !== undefined && (ratio.n === ratio.d || ratio.n === -ratio.d) && shift?.d === 1n
  }
  const same =
    left.every((a) => right.some((b) => meets(a, b))) &&
    right.every((b) => left.some((a) => meets(a, b)))
  return same ? equal('same family') : open('family')
}
