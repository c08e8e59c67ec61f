import { CannotSolve } from '#server/lab/demo-engine/solve/cannot-solve.ts'

const digitsMax = 60
const roundsMax = 400_000

/** Throws CannotSolve where a number is too long for an honest answer in short time. */
export function requireModest(...values: bigint[]): void {
  if (values.some((value) => String(value).length > digitsMax + 1))
    throw new CannotSolve(`For this I take whole numbers of up to ${digitsMax} digits.`)
}

export function modularPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus
  let square = ((base % modulus) + modulus) % modulus
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** Miller and Rabin's test with the first thirteen primes: proven below 3.3e24, no known exception above. */
export function isPrime(n: bigint): boolean {
  const bases = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n]
  if (n < 2n) return false
  for (const p of bases) if (n % p === 0n) return n === p
  let odd = n - 1n
  let twos = 0
  while (odd % 2n === 0n) {
    odd /= 2n
    twos += 1
  }
  return bases.every((base) => {
    let x = modularPower(base, odd, n)
    if (x === 1n || x === n - 1n) return true
    for (let i = 1; i < twos; i += 1) {
      x = (x * x) % n
      if (x === n - 1n) return true
    }
    return false
  })
}

/** The prime factors with exponents, ascending. Throws CannotSolve where they are too large to be found. */
export function primeFactors(of: bigint): [bigint, number][] {
  const counts = new Map<bigint, number>()
  const add = (p: bigint) => counts.set(p, (counts.get(p) ?? 0) + 1)
  let rest = of
  for (let p = 2n; p < 2000n && p * p <= rest; p += p === 2n ? 1n : 2n) {
    while (rest % p === 0n) {
      add(p)
      rest /= p
    }
  }
  const open = rest > 1n ? [rest] : []
  for (let n = open.pop(); n !== undefined; n = open.pop()) {
    if (isPrime(n)) add(n)
    else {
      const divisor = pollardRho(n)
      open.push(divisor, n / divisor)
    }
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** A proper divisor of a composite number (Pollard's rho method). */
function pollardRho(n: bigint): bigint {
  for (let c = 1n; c < 20n; c += 1n) {
    let [slow, fast] = [2n, 2n]
    for (let round = 0; round < roundsMax; round += 1) {
      slow = (slow * slow + c) % n
      fast = (fast * fast + c) % n
      fast = (fast * fast + c) % n
      const [, divisor] = euclid(slow > fast ? slow - fast : fast - slow, n)
      if (divisor === n) break
      if (divisor > 1n) return divisor
      if (round === roundsMax - 1)
        throw new CannotSolve(`The factors of ${n} are too large for me to find.`)
    }
  }
  throw new CannotSolve(`I could not factor ${n}.`)
}

/** Euclid's divisions `a = q b + r`, and the greatest common divisor they end in. */
export function euclid(a: bigint, b: bigint): [[bigint, bigint, bigint, bigint][], bigint] {
  const rows: [bigint, bigint, bigint, bigint][] = []
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (y > 0n) {
    rows.push([x, x / y, y, x % y])
    ;[x, y] = [y, x % y]
  }
  return [rows, x]
}
