import Fraction from 'fraction.js'
import { fractionTex } from '#server/lab/demo-engine/algebra/print-expression.ts'
import { CannotSolve } from './cannot-solve.ts'
import type { Solution } from './solution.ts'

const sizeMax = 2000n

/** How many ways to choose (order ignored) or to arrange (order counts) k of n. */
export function solveSelection(kind: 'choose' | 'arrange', n: bigint, k: bigint): Solution {
  if (n < 0n || k < 0n || n > sizeMax)
    throw new CannotSolve(`I count selections from 0 to ${sizeMax} things.`)
  const symbol = kind === 'choose' ? `\\binom{${n}}{${k}}` : `P(${n}, ${k})`
  const falling = range(n - k + 1n, n)
  const arranged = k > n ? 0n : falling.reduce((product, factor) => product * factor, 1n)
  const orders = range(1n, k).reduce((product, factor) => product * factor, 1n)
  const value = kind === 'choose' ? arranged / orders : arranged
  const top = factorsTex([...falling].reverse())
  const order =
    kind === 'choose'
      ? `The order does not matter, so $${symbol} = \\frac{${n}!}{${k}!\\,(${n}-${k})!}$.`
      : `The order matters, so there are $${n}$ choices for the first place, then one less for each further place.`
  const steps =
    k > n
      ? [order, `There are only ${n} things, so there is no way to take ${k}.`]
      : [
          order,
          kind === 'choose'
            ? `After cancelling: $$${symbol} = \\frac{${top}}{${factorsTex(range(1n, k).reverse())}} = ${value}$$`
            : `$$${symbol} = ${top} = ${value}$$`,
        ]
  return {
    task: `compute $${symbol}$`,
    thinking: steps,
    check: [
      kind === 'choose' ? pascal(n, k) : `$${value} \\cdot (${n}-${k})! = ${n}!$, as it must be.`,
    ],
    answer: steps,
    boxed: String(value),
  }
}

function range(from: bigint, to: bigint): bigint[] {
  const count = to >= from ? Number(to - from + 1n) : 0
  return Array.from({ length: count }, (_, i) => from + BigInt(i))
}

function factorsTex(factors: bigint[]): string {
  if (factors.length === 0) return '1'
  if (factors.length <= 8) return factors.join(' \\cdot ')
  return `${factors.slice(0, 4).join(' \\cdot ')} \\cdots ${factors.at(-1)}`
}

/** The entry of Pascal's triangle, by additions alone. */
function pascal(n: bigint, k: bigint): string {
  if (n > 300n || k > n) return 'The quotient leaves no remainder, as a count must.'
  let row = [1n]
  for (let i = 0n; i < n; i += 1n)
    row = [1n, ...row.slice(1).map((value, j) => value + (row[j] ?? 0n)), 1n]
  return `Row ${n} of Pascal's triangle, built by additions alone, has $${row[Number(k)] ?? 0n}$ at place ${k}.`
}

export type Percent =
  | { ask: 'part'; rate: Fraction; of: Fraction }
  | { ask: 'rate'; part: Fraction; of: Fraction }
  | { ask: 'change'; rate: Fraction; of: Fraction }

export function solvePercent(percent: Percent): Solution {
  const hundred = new Fraction(100)
  const of = fractionTex(percent.of)
  if (percent.ask === 'rate') {
    if (percent.of.n === 0n) throw new CannotSolve('A share of zero has no percentage.')
    const rate = percent.part.div(percent.of).mul(hundred)
    const part = fractionTex(percent.part)
    const steps = [
      `I compare $${part}$ with the whole $${of}$: $$\\frac{${part}}{${of}} \\cdot 100\\% = ${decimal(rate)}\\%$$`,
    ]
    return {
      task: `find what percentage $${part}$ is of $${of}$`,
      thinking: steps,
      check: [
        `$${decimal(rate)}\\%$ of $${of}$ is $${decimal(rate.div(hundred).mul(percent.of))}$.`,
      ],
      answer: steps,
      boxed: `${decimal(rate)}\\%`,
    }
  }
  const rate = decimal(percent.rate)
  const part = percent.rate.div(hundred).mul(percent.of)
  const base = `$$${rate}\\% \\text{ of } ${of} = \\frac{${rate}}{100} \\cdot ${of} = ${decimal(part)}$$`
  const result = percent.ask === 'part' ? part : percent.of.add(part)
  const steps =
    percent.ask === 'part'
      ? [`Percent means hundredths: ${base}`]
      : [
          `First the change: ${base}`,
          `Then the new value: $${of} + (${decimal(part)}) = ${decimal(result)}$.`,
        ]
  return {
    task:
      percent.ask === 'part' ? `compute $${rate}\\%$ of $${of}$` : `change $${of}$ by $${rate}\\%$`,
    thinking: steps,
    check: [
      `The other way round: $${decimal(part)} : ${of} = ${percent.of.n === 0n ? 0 : part.div(percent.of).valueOf()}$, which is ${rate} hundredths.`,
    ],
    answer: steps,
    boxed: decimal(result),
  }
}

/** Decimals where they end, a fraction where they do not. */
function decimal(value: Fraction): string {
  let rest = value.d
  while (rest % 2n === 0n) rest /= 2n
  while (rest % 5n === 0n) rest /= 5n
  return rest === 1n ? value.toString() : fractionTex(value)
}
