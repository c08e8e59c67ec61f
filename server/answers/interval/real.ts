import { bitLength, integerRoot } from '#server/answers/exact/integer.ts'
import type { Rational } from '#server/answers/exact/rational.ts'
import { spend } from '#server/answers/work.ts'

/**
 * A real number between lo·2^e and hi·2^e, ends included. Every operation rounds outwards, so the true value never
 * leaves; `undefined` stands for "not bounded" (division by an interval that holds zero, an exponent out of range).
 */
export type Interval = { readonly lo: bigint; readonly hi: bigint; readonly e: number }

const exponentMax = 1e12

export const zeroInterval: Interval = { lo: 0n, hi: 0n, e: 0 }

export function exactInterval(value: bigint, e = 0): Interval {
  return { lo: value, hi: value, e }
}

export function rationalInterval(value: Rational, bits: number): Interval {
  if (value.d === 1n) return rounded({ lo: value.n, hi: value.n, e: 0 }, bits)
  const shift = Math.max(0, bits + 2 + bitLength(value.d) - bitLength(value.n))
  spend(1 + shift / 256)
  const top = value.n << BigInt(shift)
  return rounded({ lo: floorDivide(top, value.d), hi: ceilDivide(top, value.d), e: -shift }, bits)
}

/** Keeps about `bits` bits, rounding outwards. */
export function rounded(a: Interval, bits: number): Interval {
  const length = Math.max(bitLength(a.lo), bitLength(a.hi))
  spend(1 + length / 512)
  const cut = length - bits
  if (cut <= 0) return a
  const by = BigInt(cut)
  return { lo: a.lo >> by, hi: -(-a.hi >> by), e: a.e + cut }
}

export function addIntervals(a: Interval, b: Interval, bits: number): Interval {
  const [high, low] = a.e >= b.e ? [a, b] : [b, a]
  const gap = high.e - low.e
  const lowTop = Math.max(bitLength(low.lo), bitLength(low.hi))
  if (gap > lowTop + bits + 8 && (high.lo !== 0n || high.hi !== 0n)) {
    // The smaller one lies under the last bit that is kept: it only widens.
    const shift = BigInt(bits + 8)
    return rounded(
      {
        lo: (high.lo << shift) - (low.lo < 0n ? 1n : 0n),
        hi: (high.hi << shift) + (low.hi > 0n ? 1n : 0n),
        e: high.e - bits - 8,
      },
      bits,
    )
  }
  if (high.lo === 0n && high.hi === 0n) return low
  spend(1 + gap / 512)
  const by = BigInt(gap)
  return rounded({ lo: (high.lo << by) + low.lo, hi: (high.hi << by) + low.hi, e: low.e }, bits)
}

export function negateInterval(a: Interval): Interval {
  return { lo: -a.hi, hi: -a.lo, e: a.e }
}

export function multiplyIntervals(a: Interval, b: Interval, bits: number): Interval {
  const e = a.e + b.e
  if (a.lo >= 0n && b.lo >= 0n) return rounded({ lo: a.lo * b.lo, hi: a.hi * b.hi, e }, bits)
  const products = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi]
  let lo = products[0] ?? 0n
  let hi = lo
  for (const product of products) {
    if (product < lo) lo = product
    if (product > hi) hi = product
  }
  return rounded({ lo, hi, e }, bits)
}

export function invertInterval(a: Interval, bits: number): Interval | undefined {
  if (a.lo <= 0n && a.hi >= 0n) return undefined
  const shift = bits + 4 + Math.max(bitLength(a.lo), bitLength(a.hi))
  spend(1 + shift / 256)
  const unit = 1n << BigInt(shift)
  return rounded({ lo: floorDivide(unit, a.hi), hi: ceilDivide(unit, a.lo), e: -shift - a.e }, bits)
}

/** The k-th root of an interval that is not negative. */
export function rootInterval(a: Interval, k: number, bits: number): Interval | undefined {
  if (a.lo < 0n || k < 1 || k > 10_000) return undefined
  if (k === 1) return a
  const length = bitLength(a.hi)
  let shift = Math.max(0, bits * k + k - length)
  shift += (((a.e - shift) % k) + k) % k
  const by = BigInt(shift)
  const lo = integerRoot(a.lo << by, k)
  const top = a.hi << by
  const below = integerRoot(top, k)
  const hi = below ** BigInt(k) === top ? below : below + 1n
  return rounded({ lo, hi, e: (a.e - shift) / k }, bits)
}

export function powerInterval(a: Interval, exponent: number, bits: number): Interval | undefined {
  if (Math.abs(a.e * exponent) > exponentMax) return undefined
  if (exponent < 0) {
    const inverse = invertInterval(a, bits + 8)
    return inverse && powerInterval(inverse, -exponent, bits)
  }
  let result = exactInterval(1n)
  let square = a
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiplyIntervals(result, square, bits + 16)
    if (rest > 1) square = multiplyIntervals(square, square, bits + 16)
    if (Math.abs(result.e) > exponentMax || Math.abs(square.e) > exponentMax) return undefined
  }
  if (exponent % 2 === 0 && result.lo < 0n) return rounded({ ...result, lo: 0n }, bits)
  return rounded(result, bits)
}

/** 1, −1, or 0 where the interval holds zero. */
export function signOf(a: Interval): number {
  return a.lo > 0n ? 1 : a.hi < 0n ? -1 : 0
}

export function isExactZero(a: Interval): boolean {
  return a.lo === 0n && a.hi === 0n
}

/** log2 of a bound on the absolute value; −Infinity for zero. */
export function magnitude(a: Interval): number {
  const length = Math.max(bitLength(a.lo), bitLength(a.hi))
  return length === 0 ? Number.NEGATIVE_INFINITY : length + a.e
}

/** The interval in units of 2^−bits, rounded outwards. */
export function toFixed(a: Interval, bits: number): { lo: bigint; hi: bigint } {
  const shift = a.e + bits
  spend(1 + Math.abs(shift) / 512)
  if (shift >= 0) return { lo: a.lo << BigInt(shift), hi: a.hi << BigInt(shift) }
  const by = BigInt(Math.min(-shift, 4_000_000))
  return { lo: a.lo >> by, hi: -(-a.hi >> by) }
}

export function floorDivide(a: bigint, b: bigint): bigint {
  const whole = a / b
  return whole * b !== a && a < 0n !== b < 0n ? whole - 1n : whole
}

function ceilDivide(a: bigint, b: bigint): bigint {
  return -floorDivide(-a, b)
}
