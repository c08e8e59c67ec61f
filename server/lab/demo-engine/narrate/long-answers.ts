import type { Solution } from '#server/lab/demo-engine/solve/solution.ts'
import { tokensOf } from '#server/lab/demo-engine/tokenize.ts'
import { displayed } from './narrate.ts'

const primesMax = 5000

/** The first primes, each with the divisions that show it: true statements, dense with LaTeX. */
export function listPrimes(count: number): Solution {
  const wanted = Math.min(count, primesMax)
  const primes: number[] = []
  const lines: string[] = []
  for (let n = 2; primes.length < wanted; n += 1) {
    const divisors = primes.filter((p) => p * p <= n)
    if (divisors.some((p) => n % p === 0)) continue
    primes.push(n)
    lines.push(`${primes.length}. $p_{${primes.length}} = ${n}$: ${reason(n, divisors)}`)
  }
  return {
    task: `list the first ${wanted} primes with reasons`,
    thinking: [
      'A number is prime when no prime up to its square root divides it, so for each I give the remainders by the largest such primes.',
    ],
    check: [`The last one is $p_{${wanted}} = ${primes.at(-1)}$.`],
    answer: [lines.join('\n')],
    boxed: `p_{${wanted}} = ${primes.at(-1)}`,
  }
}

function reason(n: number, divisors: number[]): string {
  if (divisors.length === 0) return `no prime is at most $\\sqrt{${n}} < 2$.`
  const shown = divisors.slice(-3)
  const rows = shown.map((p) => `${n} = ${p} \\cdot ${Math.floor(n / p)} + ${n % p}`)
  return `no prime $p \\le \\lfloor\\sqrt{${n}}\\rfloor = ${Math.floor(Math.sqrt(n))}$ divides it, e.g. $${rows.join('$, $')}$.`
}

/** A proof by induction of as many instances as asked for: each step is true and checked by the numbers in it. */
export function proofOfSteps(steps: number): Solution {
  const blocks = Array.from({ length: steps }, (_, i) => inductionStep(i + 1))
  return {
    task: `prove $\\sum_{k=1}^{n} k^2 = \\frac{n(n+1)(2n+1)}{6}$ for $n \\le ${steps}$ in ${steps} steps`,
    thinking: [
      'I go from each $n$ to the next by adding one square, and compare with the formula each time.',
    ],
    check: ['Each step compares both sides as numbers.'],
    answer: [...blocks, `All ${steps} steps hold.`],
    boxed: `\\sum_{k=1}^{${steps}} k^2 = ${(BigInt(steps) * BigInt(steps + 1) * BigInt(2 * steps + 1)) / 6n}`,
  }
}

function inductionStep(step: number): string {
  const n = BigInt(step)
  const before = ((n - 1n) * n * (2n * n - 1n)) / 6n
  const after = before + n * n
  return `**Step ${n}.** Adding $${n}^2 = ${n * n}$ to the sum so far: $$\\sum_{k=1}^{${n}} k^2 = ${before} + ${n * n} = ${after} = \\frac{${n} \\cdot ${n + 1n} \\cdot ${2n * n + 1n}}{6} = \\frac{${n * (n + 1n) * (2n * n + 1n)}}{6}.$$`
}

/** Exactly that many tokens of induction steps: the load for measurements. */
export function* benchTokens(count: number): Generator<string> {
  let made = 0
  for (let step = 1; ; step += 1) {
    for (const token of tokensOf(`${displayed(inductionStep(step))}\n\n`)) {
      if (made >= count) return
      made += 1
      yield token
    }
  }
}
