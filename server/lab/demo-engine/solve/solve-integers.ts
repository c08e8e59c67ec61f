import { integerRoot } from '#server/lab/demo-engine/algebra/evaluate.ts'
import {
  euclid,
  isPrime,
  modularPower,
  primeFactors,
  requireModest,
} from '#server/lab/demo-engine/algebra/integers.ts'
import { CannotSolve } from './cannot-solve.ts'
import type { Solution, Style } from './solution.ts'

const trialShown = 12

export function solvePrimality(n: bigint, style: Style): Solution {
  requireModest(n)
  const task = `decide whether $${n}$ is prime`
  if (n < 2n) {
    const line = `$${n}$ is not prime: primes are whole numbers greater than $1$.`
    return { task, thinking: [line], check: [line], answer: [line], boxed: '\\text{not prime}' }
  }
  const limit = integerRoot(n)
  const opening = style.pick([
    `A divisor, if there is one, can be found up to $\\lfloor\\sqrt{${n}}\\rfloor = ${limit}$.`,
    `I only have to try primes up to $\\sqrt{${n}}$, which is between $${limit}$ and $${limit + 1n}$.`,
  ])
  if (!isPrime(n)) {
    const factors = primeFactors(n)
    const smallest = factors[0]?.[0] ?? 1n
    const tried = trials(n, smallest)
    return {
      task,
      thinking: [opening, ...tried, `But $${n} = ${smallest} \\cdot ${n / smallest}$.`],
      check: [
        `Multiplying out: $${smallest} \\cdot ${n / smallest} = ${smallest * (n / smallest)}$.`,
      ],
      answer: [
        `**No.** $$${n} = ${productTex(factors)}$$ so $${n}$ has a divisor other than $1$ and itself.`,
      ],
      boxed: '\\text{not prime}',
    }
  }
  return {
    task,
    thinking: [opening, ...trials(n, limit + 1n)],
    check: [
      `Fermat's condition must hold for a prime: $2^{${n} - 1} \\equiv ${n === 2n ? 0n : modularPower(2n, n - 1n, n)} \\pmod{${n}}$${n === 2n ? ', and $2$ is the one even prime' : ', as it should be'}.`,
      'The Miller–Rabin test with the bases $2, 3, 5, \\ldots, 41$ passes as well.',
    ],
    answer: [
      limit < 100_000n
        ? `**Yes.** No prime up to $${limit}$ divides $${n}$.`
        : `**Yes.** $${n}$ passes the Miller–Rabin test for thirteen bases.`,
    ],
    boxed: '\\text{prime}',
  }
}

/** The remainders by the first primes below a limit, in one sentence. */
function trials(n: bigint, below: bigint): string[] {
  const rows: string[] = []
  let p = 2n
  for (; p < below && rows.length < trialShown; p += 1n)
    if (isPrime(p) && n % p !== 0n) rows.push(`$${n} \\bmod ${p} = ${n % p}$`)
  if (rows.length === 0) return []
  return [`${rows.join(', ')}${p < below ? ', and so on: no remainder is zero' : ''}.`]
}

function productTex(factors: [bigint, number][]): string {
  return factors.map(([p, k]) => (k === 1 ? `${p}` : `${p}^{${k}}`)).join(' \\cdot ')
}

export function solveFactorisation(n: bigint): Solution {
  requireModest(n)
  if (n < 2n) throw new CannotSolve('I factor whole numbers greater than 1.')
  const factors = primeFactors(n)
  const steps: string[] = []
  let rest = n
  for (const [p, k] of factors) {
    for (let i = 0; i < k; i += 1) {
      if (rest === p) break
      steps.push(`${rest} = ${p} \\cdot ${rest / p}`)
      rest /= p
    }
  }
  const product = factors.reduce((value, [p, k]) => value * p ** BigInt(k), 1n)
  if (product !== n) throw new CannotSolve('My check by multiplication failed.')
  const prime = factors.length === 1 && factors[0]?.[1] === 1
  return {
    task: `find the prime factorisation of $${n}$`,
    thinking: [
      'I divide by the smallest prime that fits, as often as it does.',
      ...steps.map((step) => `$${step}$`),
      prime ? `Nothing divides $${n}$: it is prime itself.` : `What is left, $${rest}$, is prime.`,
    ],
    check: [`Multiplying the prime powers together gives $${product}$ again.`],
    answer: [`$$${n} = ${productTex(factors)}$$`],
    boxed: `${n} = ${productTex(factors)}`,
  }
}

/** gcd or lcm of two or more whole numbers, by Euclid's algorithm or by prime factors. */
export function solveCommon(kind: 'gcd' | 'lcm', values: bigint[], style: Style): Solution {
  requireModest(...values)
  if (values.length < 2 || values.every((value) => value === 0n))
    throw new CannotSolve(`For the ${kind} I need at least two numbers that are not all zero.`)
  const name = kind === 'gcd' ? '\\gcd' : '\\operatorname{lcm}'
  const list = values.join(', ')
  const [first = 0n, ...others] = values
  const steps: string[] = []
  let result = first
  for (const value of others) {
    const [rows, divisor] = euclid(result, value)
    steps.push(...rows.map(([a, q, b, r]) => `$${a} = ${q} \\cdot ${b} + ${r}$`))
    steps.push(`so $\\gcd(${result}, ${value}) = ${divisor}$.`)
    const next = kind === 'gcd' ? divisor : (result * value) / (divisor || 1n)
    if (kind === 'lcm')
      steps.push(
        `$\\operatorname{lcm}(${result}, ${value}) = \\frac{${result} \\cdot ${value}}{${divisor}} = ${next}$.`,
      )
    result = next < 0n ? -next : next
  }
  const positive = values.every((value) => value > 0n && value < 10n ** 12n)
  if (positive && style.method % 2 === 1)
    steps.push(
      `The same by prime factors: ${values.map((value) => `$${value} = ${value === 1n ? 1 : productTex(primeFactors(value))}$`).join(', ')}.`,
    )
  return {
    task: `find $${name}(${list})$`,
    thinking: ["I use Euclid's algorithm: divide, keep the remainder, repeat.", ...steps],
    check: values.map((value) =>
      kind === 'gcd'
        ? `$${value} = ${result} \\cdot ${value / result}$`
        : value === 0n
          ? 'A multiple of zero is zero.'
          : `$${result} = ${value} \\cdot ${result / value}$`,
    ),
    answer: [...steps, `$$${name}(${list}) = ${result}$$`],
    boxed: String(result),
  }
}

/** base^exponent mod modulus by repeated squaring; a negative exponent asks for the inverse. */
export function solveModularPower(base: bigint, exponent: bigint, modulus: bigint): Solution {
  requireModest(base, exponent, modulus)
  if (modulus < 1n) throw new CannotSolve('The modulus must be a positive whole number.')
  if (exponent === -1n) return solveInverse(base, modulus)
  if (exponent < 0n) throw new CannotSolve('I take exponents that are not negative.')
  const steps: string[] = []
  let square = ((base % modulus) + modulus) % modulus
  let result = 1n % modulus
  for (let rest = exponent, power = 1n; rest > 0n; rest >>= 1n, power *= 2n) {
    if (steps.length < 64)
      steps.push(`$${base}^{${power}} \\equiv ${square}$${rest & 1n ? ' (needed)' : ''}`)
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  if (result !== modularPower(base, exponent, modulus)) throw new CannotSolve('My check failed.')
  const what =
    exponent === 1n ? `${base} \\bmod ${modulus}` : `${base}^{${exponent}} \\bmod ${modulus}`
  return {
    task: `compute $${what}$`,
    thinking: [
      `In binary the exponent is $${exponent.toString(2)}_2$. I square repeatedly modulo $${modulus}$ and multiply the powers that are needed.`,
      `${steps.join(', ')}.`,
      `Multiplying the needed ones modulo $${modulus}$ gives $${result}$.`,
    ],
    check: [
      `From the other end, high bits first: $${leftToRight(base, exponent, modulus)}$. The same.`,
    ],
    answer: [
      `Repeated squaring modulo $${modulus}$: ${steps.join(', ')}.`,
      `$$${what} = ${result}$$`,
    ],
    boxed: String(result),
  }
}

function leftToRight(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let value = 1n % modulus
  for (const bit of exponent.toString(2)) {
    value = (value * value) % modulus
    if (bit === '1') value = (((value * base) % modulus) + modulus) % modulus
  }
  return value
}

function solveInverse(a: bigint, modulus: bigint): Solution {
  const [rows, divisor] = euclid(a, modulus)
  const task = `find the inverse of $${a}$ modulo $${modulus}$`
  const steps = rows.map(([x, q, y, r]) => `$${x} = ${q} \\cdot ${y} + ${r}$`)
  if (divisor !== 1n) {
    const line = `$\\gcd(${a}, ${modulus}) = ${divisor}$ is not $1$, so there is no inverse.`
    return {
      task,
      thinking: [...steps, line],
      check: [line],
      answer: [line],
      boxed: '\\text{no inverse}',
    }
  }
  let [oldS, s, oldR, r] = [1n, 0n, ((a % modulus) + modulus) % modulus, modulus]
  while (r > 0n) [oldS, s, oldR, r] = [s, oldS - (oldR / r) * s, r, oldR % r]
  const inverse = ((oldS % modulus) + modulus) % modulus
  return {
    task,
    thinking: [...steps, `Going back up through these divisions gives $${inverse}$.`],
    check: [
      `$${a} \\cdot ${inverse} = ${a * inverse} \\equiv ${(((a * inverse) % modulus) + modulus) % modulus} \\pmod{${modulus}}$.`,
    ],
    answer: [...steps, `$$${a}^{-1} \\equiv ${inverse} \\pmod{${modulus}}$$`],
    boxed: String(inverse),
  }
}
