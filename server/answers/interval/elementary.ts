import { bitLength } from '#server/answers/exact/integer.ts'
import { spend } from '#server/answers/work.ts'
import {
  addIntervals,
  exactInterval,
  floorDivide,
  type Interval,
  magnitude,
  multiplyIntervals,
  negateInterval,
  rounded,
  toFixed,
} from './real.ts'

/**
 * exp, ln, sin, cos and atan with rigorous error bounds: Taylor series in fixed point with guard bits, each truncation
 * counted as one unit in the last place (Brent & Zimmermann, Modern Computer Arithmetic, chapter 4).
 */
const kept: { pi: Map<number, Interval>; ln2: Map<number, Interval> } = {
  pi: new Map(),
  ln2: new Map(),
}
const keptMax = 64

function keep(map: Map<number, Interval>, bits: number, make: () => Interval): Interval {
  const known = map.get(bits)
  if (known) return known
  const made = make()
  if (map.size >= keptMax) map.clear()
  map.set(bits, made)
  return made
}

/** π by Machin's formula. */
export function piInterval(bits: number): Interval {
  return keep(kept.pi, bits, () => {
    const guard = bits + 16
    const value = 16n * arctanInverse(5n, guard) - 4n * arctanInverse(239n, guard)
    const slack = BigInt(40 * guard)
    return { lo: value - slack, hi: value + slack, e: -guard }
  })
}

/** ln 2 = 18 artanh(1/26) − 2 artanh(1/4801) + 8 artanh(1/8749). */
function ln2Interval(bits: number): Interval {
  return keep(kept.ln2, bits, () => {
    const guard = bits + 16
    const value =
      18n * artanhInverse(26n, guard) -
      2n * artanhInverse(4801n, guard) +
      8n * artanhInverse(8749n, guard)
    const slack = BigInt(60 * guard)
    return { lo: value - slack, hi: value + slack, e: -guard }
  })
}

function arctanInverse(n: bigint, bits: number): bigint {
  return inverseSeries(n, bits, -1n)
}

function artanhInverse(n: bigint, bits: number): bigint {
  return inverseSeries(n, bits, 1n)
}

function inverseSeries(n: bigint, bits: number, sign: bigint): bigint {
  let power = (1n << BigInt(bits)) / n
  const square = n * n
  let sum = 0n
  let flip = 1n
  for (let k = 1n; power > 0n; k += 2n) {
    spend(1 + bits / 512)
    sum += (flip * power) / k
    power /= square
    flip *= sign
  }
  return sum
}

export function expInterval(a: Interval, bits: number): Interval | undefined {
  if (magnitude(a) > 36) return undefined
  const lo = expPoint(exactInterval(a.lo, a.e), bits)
  const hi = a.lo === a.hi ? lo : expPoint(exactInterval(a.hi, a.e), bits)
  return hull(lo, hi, bits)
}

function expPoint(x: Interval, bits: number): Interval {
  const steps = Math.ceil(Math.sqrt(bits)) + 4
  const guard =
    bits +
    2 * steps +
    48 +
    Math.max(0, magnitude(x) === Number.NEGATIVE_INFINITY ? 0 : magnitude(x))
  const ln2 = toFixed(ln2Interval(guard + 40), guard)
  const value = toFixed(x, guard)
  const times = floorDivide(value.lo, ln2.lo)
  const rest = value.lo - times * ln2.lo
  // The rest, its own rounding and k times that of ln 2: all in units of 2^−guard.
  const off = 2n + (times < 0n ? -times : times) * (ln2.hi - ln2.lo)
  const scaled = rest >> BigInt(steps)
  let term = 1n << BigInt(guard)
  let sum = term
  let count = 1n
  for (; term > 0n; count++) {
    spend(1 + guard / 256)
    term = (term * scaled) / (count << BigInt(guard))
    sum += term
  }
  for (let step = 0; step < steps; step++) {
    spend(1 + guard / 256)
    sum = (sum * sum) >> BigInt(guard)
  }
  const slack = ((count + 4n + off) << BigInt(steps + 4)) + off * 4n
  return rounded({ lo: sum - slack, hi: sum + slack, e: Number(times) - guard }, bits + 8)
}

export function lnInterval(a: Interval, bits: number): Interval | undefined {
  if (a.lo <= 0n) return undefined
  const lo = lnPoint(exactInterval(a.lo, a.e), bits)
  const hi = a.lo === a.hi ? lo : lnPoint(exactInterval(a.hi, a.e), bits)
  return hull(lo, hi, bits)
}

/** ln(m·2^k) = k ln 2 + 2 artanh((m−1)/(m+1)), after square roots have brought m near to 1. */
function lnPoint(x: Interval, bits: number): Interval {
  const length = bitLength(x.lo)
  const k = length + x.e
  const roots = Math.ceil(Math.sqrt(bits) / 2) + 2
  const guard = bits + roots + 32 + Math.ceil(Math.log2(Math.abs(k) + 2))
  const unit = 1n << BigInt(guard)
  // m in [1/2, 1]; each square root floors, an error of one unit that the next ones only shrink (m ≥ 1/2).
  let m = toFixed({ lo: x.lo, hi: x.lo, e: -length }, guard).lo
  for (let step = 0; step < roots; step++) m = squareRoot(m << BigInt(guard))
  const ratio = ((m - unit) << BigInt(guard)) / (m + unit)
  const square = (ratio * ratio) >> BigInt(guard)
  let term = ratio
  let sum = 0n
  let count = 0n
  for (let odd = 1n; term !== 0n && term !== -1n; odd += 2n) {
    spend(1 + guard / 256)
    sum += term / odd
    term = (term * square) >> BigInt(guard)
    count++
  }
  const value = sum << BigInt(roots + 1)
  const slack = (2n * count + 16n) << BigInt(roots + 1)
  const main: Interval = { lo: value - slack, hi: value + slack, e: -guard }
  const shift = multiplyIntervals(exactInterval(BigInt(k)), ln2Interval(guard), guard + 64)
  return rounded(addIntervals(main, shift, guard + 64), bits + 8)
}

function squareRoot(value: bigint): bigint {
  const bits = bitLength(value)
  spend(2 + (bits * Math.log2(bits + 2)) / 256)
  let guess = 1n << BigInt(Math.ceil(bits / 2))
  for (;;) {
    const next = (guess + value / guess) >> 1n
    if (next >= guess) return guess
    guess = next
  }
}

/** Sine and cosine: at the middle, widened by the radius, since neither grows faster than its argument. */
export function sinCosInterval(
  a: Interval,
  bits: number,
): { sin: Interval; cos: Interval } | undefined {
  const size = magnitude(a)
  if (size > 4000) return undefined
  const guard = bits + 40 + Math.max(0, size === Number.NEGATIVE_INFINITY ? 0 : size)
  const { lo, hi } = toFixed(a, guard)
  const middle = (lo + hi) >> 1n
  const radius = hi - middle + 1n
  const pi = toFixed(piInterval(guard + 40), guard)
  const quarter = pi.lo >> 1n
  const turns = floorDivide(middle, quarter)
  const rest = middle - turns * quarter
  const off = 2n + (turns < 0n ? -turns : turns) * (pi.hi - pi.lo + 1n)
  const { sin, cos, slack } = sinCosFixed(rest, guard)
  const wide = radius + off + slack
  const unit = 1n << BigInt(guard)
  const ranged = (value: bigint): Interval =>
    rounded(
      {
        lo: value - wide < -unit ? -unit : value - wide,
        hi: value + wide > unit ? unit : value + wide,
        e: -guard,
      },
      bits + 8,
    )
  switch (Number(((turns % 4n) + 4n) % 4n)) {
    case 0:
      return { sin: ranged(sin), cos: ranged(cos) }
    case 1:
      return { sin: ranged(cos), cos: ranged(-sin) }
    case 2:
      return { sin: ranged(-sin), cos: ranged(-cos) }
    default:
      return { sin: ranged(-cos), cos: ranged(sin) }
  }
}

function sinCosFixed(x: bigint, bits: number): { sin: bigint; cos: bigint; slack: bigint } {
  const square = (x * x) >> BigInt(bits)
  const unit = 1n << BigInt(bits)
  let sinTerm = x
  let cosTerm = unit
  let sin = 0n
  let cos = 0n
  let count = 0n
  for (let k = 1n; sinTerm > 0n || cosTerm > 0n; k += 2n) {
    spend(2 + bits / 128)
    const plus = count % 2n === 0n
    sin += plus ? sinTerm : -sinTerm
    cos += plus ? cosTerm : -cosTerm
    cosTerm = ((cosTerm * square) >> BigInt(bits)) / (k * (k + 1n))
    sinTerm = ((sinTerm * square) >> BigInt(bits)) / ((k + 1n) * (k + 2n))
    count++
  }
  return { sin, cos, slack: 4n * count + 8n }
}

export function atanInterval(a: Interval, bits: number): Interval | undefined {
  const lo = atanPoint(exactInterval(a.lo, a.e), bits)
  const hi = a.lo === a.hi ? lo : atanPoint(exactInterval(a.hi, a.e), bits)
  return hull(lo, hi, bits)
}

/** atan by halving the argument, then its series. */
function atanPoint(x: Interval, bits: number): Interval {
  if (x.lo === 0n) return exactInterval(0n)
  if (x.lo < 0n) return negateInterval(atanPoint({ lo: -x.hi, hi: -x.lo, e: x.e }, bits))
  const halvings = Math.ceil(Math.sqrt(bits) / 2) + 2
  const guard = bits + 2 * halvings + 40
  const unit = 1n << BigInt(guard)
  const isLarge = magnitude(x) > 0
  const fixed = isLarge ? inverseFixed(x, guard) : toFixed(x, guard).lo
  let t = fixed
  for (let step = 0; step < halvings; step++) {
    const root = squareRoot((unit + ((t * t) >> BigInt(guard))) << BigInt(guard))
    t = (t << BigInt(guard)) / (unit + root)
  }
  const square = (t * t) >> BigInt(guard)
  let term = t
  let sum = 0n
  let count = 0n
  for (let odd = 1n; term > 0n; odd += 2n) {
    spend(1 + guard / 256)
    sum += count % 2n === 0n ? term / odd : -(term / odd)
    term = (term * square) >> BigInt(guard)
    count++
  }
  const value = sum << BigInt(halvings)
  const slack = (4n * count + 64n) << BigInt(halvings + 1)
  const main: Interval = { lo: value - slack, hi: value + slack, e: -guard }
  if (!isLarge) return rounded(main, bits + 8)
  const quarter = { ...piInterval(guard), e: piInterval(guard).e - 1 }
  return rounded(addIntervals(quarter, negateInterval(main), guard + 16), bits + 8)
}

function inverseFixed(x: Interval, bits: number): bigint {
  const shift = 2 * bits + 8 + Math.max(0, x.e)
  const { lo } = toFixed(x, shift - bits)
  return lo === 0n ? 0n : (1n << BigInt(shift)) / lo
}

function hull(a: Interval, b: Interval, bits: number): Interval | undefined {
  if (a === b) return a
  const e = Math.min(a.e, b.e)
  if (Math.abs(a.e - b.e) > 4 * bits + 400) return a.lo >= 0n ? { ...b, lo: 0n } : undefined
  return rounded({ lo: a.lo << BigInt(a.e - e), hi: b.hi << BigInt(b.e - e), e }, bits + 8)
}
