import type { Rational } from '#server/answers/exact/rational.ts'
import { atanInterval, expInterval, lnInterval, piInterval, sinCosInterval } from './elementary.ts'
import {
  addIntervals,
  exactInterval,
  type Interval,
  invertInterval,
  isExactZero,
  multiplyIntervals,
  negateInterval,
  powerInterval,
  rationalInterval,
  rootInterval,
  signOf,
  zeroInterval,
} from './real.ts'

/** A rectangle in the complex plane that holds the true value. An imaginary part of exactly zero means a real number. */
export type Box = { readonly re: Interval; readonly im: Interval }

export function realBox(re: Interval): Box {
  return { re, im: zeroInterval }
}

export function isRealBox(a: Box): boolean {
  return isExactZero(a.im)
}

export function addBoxes(a: Box, b: Box, bits: number): Box {
  return { re: addIntervals(a.re, b.re, bits), im: addIntervals(a.im, b.im, bits) }
}

export function multiplyBoxes(a: Box, b: Box, bits: number): Box {
  if (isRealBox(a) && isRealBox(b)) return realBox(multiplyIntervals(a.re, b.re, bits))
  const product = (x: Interval, y: Interval) => multiplyIntervals(x, y, bits)
  return {
    re: addIntervals(product(a.re, b.re), negateInterval(product(a.im, b.im)), bits),
    im: addIntervals(product(a.re, b.im), product(a.im, b.re), bits),
  }
}

export function invertBox(a: Box, bits: number): Box | undefined {
  if (isRealBox(a)) {
    const re = invertInterval(a.re, bits)
    return re && realBox(re)
  }
  const size = invertInterval(normOf(a, bits + 8), bits + 8)
  if (!size) return undefined
  return {
    re: multiplyIntervals(a.re, size, bits),
    im: multiplyIntervals(negateInterval(a.im), size, bits),
  }
}

/** |a|². */
export function normOf(a: Box, bits: number): Interval {
  const re = powerInterval(a.re, 2, bits) ?? zeroInterval
  const im = powerInterval(a.im, 2, bits) ?? zeroInterval
  return addIntervals(re, im, bits)
}

export function expBox(a: Box, bits: number): Box | undefined {
  const size = expInterval(a.re, bits)
  if (!size) return undefined
  if (isRealBox(a)) return realBox(size)
  const turn = sinCosInterval(a.im, bits)
  return (
    turn && {
      re: multiplyIntervals(size, turn.cos, bits),
      im: multiplyIntervals(size, turn.sin, bits),
    }
  )
}

/** The principal logarithm; undefined where the box touches zero or, not being real, the branch cut. */
export function lnBox(a: Box, bits: number): Box | undefined {
  const sign = signOf(a.re)
  if (isRealBox(a)) {
    if (sign === 0) return undefined
    const size = lnInterval(sign > 0 ? a.re : negateInterval(a.re), bits)
    return size && { re: size, im: sign > 0 ? zeroInterval : piInterval(bits) }
  }
  const norm = lnInterval(normOf(a, bits + 16), bits)
  const im = argumentOf(a, bits)
  return norm && im && { re: { ...norm, e: norm.e - 1 }, im }
}

/** The angle in (−π, π] of a box that does not touch the negative real axis. */
export function argumentOf(a: Box, bits: number): Interval | undefined {
  const right = signOf(a.re)
  const up = signOf(a.im)
  if (right > 0) {
    const inverse = invertInterval(a.re, bits + 8)
    return inverse && atanInterval(multiplyIntervals(a.im, inverse, bits + 8), bits)
  }
  if (up === 0) return undefined
  const inverse = invertInterval(a.im, bits + 8)
  const angle = inverse && atanInterval(multiplyIntervals(a.re, inverse, bits + 8), bits)
  if (!angle) return undefined
  const pi = piInterval(bits)
  const quarter = { ...pi, e: pi.e - 1 }
  return addIntervals(up > 0 ? quarter : negateInterval(quarter), negateInterval(angle), bits)
}

/** The principal power; the odd root of a negative number is left to the caller. */
export function powerBox(a: Box, exponent: Rational, bits: number): Box | undefined {
  if (exponent.n > 1_000_000n || exponent.n < -1_000_000n || exponent.d > 10_000n) return undefined
  const n = Number(exponent.n)
  if (exponent.d === 1n) return integerPowerBox(a, n, bits)
  if (isRealBox(a) && a.re.lo >= 0n) {
    const root = rootInterval(a.re, Number(exponent.d), bits + 8)
    const value = root && powerInterval(root, n, bits)
    return value && realBox(value)
  }
  const ln = lnBox(a, bits + 16)
  return (
    ln && expBox(multiplyBoxes(ln, realBox(rationalInterval(exponent, bits + 16)), bits + 16), bits)
  )
}

function integerPowerBox(a: Box, exponent: number, bits: number): Box | undefined {
  if (isRealBox(a)) {
    const value = powerInterval(a.re, exponent, bits)
    return value && realBox(value)
  }
  if (exponent < 0) {
    const inverse = invertBox(a, bits + 8)
    return inverse && integerPowerBox(inverse, -exponent, bits)
  }
  let result: Box = realBox(exactInterval(1n))
  let square = a
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiplyBoxes(result, square, bits)
    if (rest > 1) square = multiplyBoxes(square, square, bits)
  }
  return result
}
