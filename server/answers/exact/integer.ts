import { spend, undecided } from '#server/answers/work.ts'

/** No integer in a comparison has more bits. */
const bitsMax = 1_000_000

export function bitLength(value: bigint): number {
  const size = value < 0n ? -value : value
  if (size < 1n << 52n) return size === 0n ? 0 : Math.floor(Math.log2(Number(size))) + 1
  const hex = size.toString(16)
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0] ?? '1', 16)) + 28
}

export function times(a: bigint, b: bigint): bigint {
  const product = a * b
  if (product > small || product < -small) {
    const bits = roughBits(product)
    if (bits > bitsMax) undecided('number too large')
    spend(1 + bits / 512)
  }
  return product
}

const small = 1n << 256n

/** Bits of a number, a little too many rather than too few; reads no digits where it need not. */
function roughBits(value: bigint): number {
  let bits = 256
  let rest = (value < 0n ? -value : value) >> 256n
  for (let step = 256n; rest > 0n; step *= 2n) {
    rest >>= step
    bits += Number(step)
  }
  return bits
}

export function gcd(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a
  let y = b < 0n ? -b : b
  if (x > small || y > small) spend(roughBits(x > y ? x : y) / 16)
  while (y !== 0n) {
    const rest = x % y
    x = y
    y = rest
  }
  return x
}

export function power(base: bigint, exponent: number): bigint {
  if (exponent < 0 || !Number.isInteger(exponent)) undecided('exponent not a natural number')
  if (base === 1n || exponent === 0) return 1n
  if (base === -1n) return exponent % 2 === 0 ? 1n : -1n
  if (base === 0n) return 0n
  if (bitLength(base) * exponent > bitsMax + 64) undecided('number too large')
  spend(1 + (bitLength(base) * exponent) / 256)
  return base ** BigInt(exponent)
}

/** The largest integer whose k-th power is at most `value` ≥ 0. */
export function integerRoot(value: bigint, k: number): bigint {
  if (value < 2n || k === 1) return value
  const bits = bitLength(value)
  spend(2 + (bits * Math.max(1, Math.log2(bits))) / 256)
  if (k >= bits) return 1n
  const degree = BigInt(k)
  let guess = 1n << BigInt(Math.ceil(bits / k))
  for (;;) {
    const next = ((degree - 1n) * guess + value / guess ** (degree - 1n)) / degree
    if (next >= guess) return guess
    guess = next
  }
}

/** Prime factors by trial division; a last factor that has no small divisor stays whole. */
export function factorInteger(value: bigint): { prime: bigint; exponent: number }[] {
  const factors: { prime: bigint; exponent: number }[] = []
  let rest = value < 0n ? -value : value
  let tried = 0
  for (let prime = 2n; prime < 5000n && prime * prime <= rest; prime += prime === 2n ? 1n : 2n) {
    if (++tried % 16 === 0) spend(1 + bitLength(rest) / 512)
    let exponent = 0
    while (rest % prime === 0n) {
      rest /= prime
      exponent++
    }
    if (exponent > 0) factors.push({ prime, exponent })
  }
  if (rest > 1n) factors.push(wholePower(rest))
  return factors
}

/** A number as the power of a smaller one, so that the square root of a large square is found. */
function wholePower(value: bigint): { prime: bigint; exponent: number } {
  if (value < 25_000_000n) return { prime: value, exponent: 1 }
  for (const k of [2, 3, 5, 7]) {
    const root = integerRoot(value, k)
    if (root ** BigInt(k) === value) {
      const inner = wholePower(root)
      return { prime: inner.prime, exponent: inner.exponent * k }
    }
  }
  return { prime: value, exponent: 1 }
}

export function factorial(n: number): bigint {
  if (n > 60_000) undecided('number too large')
  let product = 1n
  const parts: bigint[] = []
  for (let factor = 2; factor <= n; factor++) {
    product *= BigInt(factor)
    if (factor % 16 === 0) {
      spend(1)
      parts.push(product)
      product = 1n
    }
  }
  parts.push(product)
  while (parts.length > 1) {
    const next: bigint[] = []
    for (let at = 0; at < parts.length; at += 2)
      next.push(times(parts[at] ?? 1n, parts[at + 1] ?? 1n))
    parts.splice(0, parts.length, ...next)
  }
  return parts[0] ?? 1n
}

export function binomial(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n
  const few = Math.min(k, n - k)
  if (few > 20_000) undecided('number too large')
  let value = 1n
  for (let step = 1; step <= few; step++)
    value = times(value, BigInt(n - few + step)) / BigInt(step)
  return value
}
