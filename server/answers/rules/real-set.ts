import { signOfConstant } from '#server/answers/exact/decide-zero.ts'
import { subtract } from '#server/answers/exact/fraction.ts'
import type { Fraction } from '#server/answers/exact/term.ts'
import { spend, undecided } from '#server/answers/work.ts'

/** An end of an interval; undefined is infinity. */
export type Piece = {
  lo: Fraction | undefined
  hi: Fraction | undefined
  loClosed: boolean
  hiClosed: boolean
}

/** Disjoint intervals in ascending order, none of which touch. */
export type RealSet = readonly Piece[]

export const allReals: RealSet = [
  { lo: undefined, hi: undefined, loClosed: false, hiClosed: false },
]

export function order(a: Fraction, b: Fraction): number {
  return signOfConstant(subtract(a, b)) ?? undecided('order of two ends')
}

export function pointSet(points: readonly Fraction[]): RealSet {
  return points
    .map((at) => [{ lo: at, hi: at, loClosed: true, hiClosed: true }])
    .reduce<RealSet>((a, b) => combine(a, b, (x, y) => x || y), [])
}

export function union(a: RealSet, b: RealSet): RealSet {
  return combine(a, b, (x, y) => x || y)
}

export function intersection(a: RealSet, b: RealSet): RealSet {
  return combine(a, b, (x, y) => x && y)
}

export function without(a: RealSet, b: RealSet): RealSet {
  return combine(a, b, (x, y) => x && !y)
}

export function isEmptyPiece({ lo, hi, loClosed, hiClosed }: Piece): boolean {
  if (!lo || !hi) return false
  const sign = order(lo, hi)
  return sign > 0 || (sign === 0 && !(loClosed && hiClosed))
}

/** Cuts the line at all ends and keeps the cells for which `keep` holds. */
export function combine(
  a: RealSet,
  b: RealSet,
  keep: (inA: boolean, inB: boolean) => boolean,
): RealSet {
  const ends: Fraction[] = []
  for (const { lo, hi } of [...a, ...b])
    for (const end of [lo, hi]) {
      if (!end) continue
      let at = 0
      while (at < ends.length) {
        spend(8)
        const sign = order(end, ends[at] ?? end)
        if (sign === 0) break
        if (sign < 0) {
          ends.splice(at, 0, end)
          break
        }
        at++
      }
      if (at === ends.length) ends.push(end)
      if (ends.length > 60) undecided('too much work')
    }
  // Cells: the open ones at even places, the ends themselves at odd ones.
  const kept: boolean[] = []
  for (let cell = 0; cell <= 2 * ends.length; cell++)
    kept.push(keep(holds(a, ends, cell), holds(b, ends, cell)))
  return pieces(kept, ends)
}

function holds(set: RealSet, ends: readonly Fraction[], cell: number): boolean {
  return set.some((piece) => {
    const place = (end: Fraction) =>
      2 * ends.findIndex((other) => other === end || order(other, end) === 0) + 1
    const from = piece.lo ? place(piece.lo) + (piece.loClosed ? 0 : 1) : 0
    const to = piece.hi ? place(piece.hi) - (piece.hiClosed ? 0 : 1) : 2 * ends.length
    return cell >= from && cell <= to
  })
}

function pieces(kept: readonly boolean[], ends: readonly Fraction[]): RealSet {
  const found: Piece[] = []
  for (let cell = 0; cell < kept.length; cell++) {
    if (!kept[cell]) continue
    const from = cell
    while (kept[cell + 1]) cell++
    found.push({
      lo: from % 2 === 1 ? ends[(from - 1) / 2] : ends[from / 2 - 1],
      loClosed: from % 2 === 1,
      hi: cell % 2 === 1 ? ends[(cell - 1) / 2] : ends[cell / 2],
      hiClosed: cell % 2 === 1,
    })
  }
  return found
}

export function sameRealSet(a: RealSet, b: RealSet): boolean {
  if (a.length !== b.length) return false
  return a.every((piece, at) => {
    const other = b[at]
    if (!other || piece.loClosed !== other.loClosed || piece.hiClosed !== other.hiClosed)
      return false
    return sameEnd(piece.lo, other.lo) && sameEnd(piece.hi, other.hi)
  })
}

function sameEnd(a: Fraction | undefined, b: Fraction | undefined): boolean {
  if (!a || !b) return a === b
  return order(a, b) === 0
}
