import Fraction from 'fraction.js'
import { exactValue } from '#server/lab/demo-engine/algebra/evaluate.ts'
import {
  binary,
  type Expression,
  named,
  variablesOf,
} from '#server/lab/demo-engine/algebra/expression.ts'
import {
  multiply,
  type Polynomial,
  polynomialExpression,
  polynomialOf,
  valueAt,
} from '#server/lab/demo-engine/algebra/polynomial.ts'
import { expressionTex, fractionTex } from '#server/lab/demo-engine/algebra/print-expression.ts'
import { CannotSolve } from './cannot-solve.ts'
import type { Solution, Style } from './solution.ts'

const termsMax = 20_000n

/** A sum over whole numbers from `from` to `to`; `to` may be a number, a letter, or infinity. */
export type Sum = { term: Expression; variable: string; from: bigint; to: bigint | string }

export function solveSum({ term, variable, from, to }: Sum, style: Style): Solution {
  const upper = to === 'infinity' ? '\\infty' : String(to)
  const tex = `\\sum_{${variable}=${from}}^{${upper}} ${expressionTex(term)}`
  if (to === 'infinity') return solveSeries(term, variable, from, tex)
  const polynomial = polynomialOf(term, variable)
  if (typeof to === 'string') {
    if (!polynomial) throw new CannotSolve('With a letter as upper bound I sum polynomials only.')
    return solveClosed(polynomial, from, to, tex)
  }
  if (to < from) return solved(tex, ['The range is empty.'], '0', ['An empty sum is zero.'])
  if (to - from < termsMax) return solveFinite(term, polynomial, { variable, from, to }, tex, style)
  if (polynomial) return solveLarge(polynomial, from, to, tex)
  throw new CannotSolve(`I add at most ${termsMax} terms.`)
}

function solved(tex: string, steps: string[], boxed: string, check: string[]): Solution {
  return {
    task: `compute $${tex}$`,
    thinking: steps,
    check,
    answer: [...steps, `$$${tex} = ${boxed}$$`],
    boxed,
  }
}

/** A polynomial S with S(n) = p(from) + … + p(n), through the points that determine it. */
function sumPolynomial(of: Polynomial, from: bigint): Polynomial {
  const points: { x: Fraction; y: Fraction }[] = []
  let sum = new Fraction(0)
  for (let i = 0; i <= of.length; i += 1) {
    const x = new Fraction(from + BigInt(i))
    sum = sum.add(valueAt(of, x))
    points.push({ x, y: sum })
  }
  let total: Polynomial = []
  for (const [i, { x, y }] of points.entries()) {
    const others = points.filter((_, j) => j !== i)
    const basis = others.reduce<Polynomial>(
      (product, other) => {
        const width = x.sub(other.x)
        return multiply(product, [other.x.neg().div(width), new Fraction(1).div(width)])
      },
      [y],
    )
    total = Array.from({ length: Math.max(total.length, basis.length) }, (_, degree) =>
      (total[degree] ?? new Fraction(0)).add(basis[degree] ?? 0),
    )
  }
  return total
}

function solveClosed(of: Polynomial, from: bigint, to: string, tex: string): Solution {
  const closed = expressionTex(polynomialExpression(sumPolynomial(of, from), to))
  const at = from + 7n
  const direct = directSum(of, from, at)
  const formula = valueAt(sumPolynomial(of, from), new Fraction(at))
  if (!direct.equals(formula)) throw new CannotSolve('My check of the formula failed.')
  return solved(
    tex,
    [
      `The terms are a polynomial of degree ${of.length - 1}, so the sum is one of degree ${of.length} in $${to}$, and ${of.length + 1} values determine it. Interpolating gives $$${closed}.$$`,
    ],
    closed,
    [
      `For $${to} = ${at}$ adding directly gives $${fractionTex(direct)}$, the formula $${fractionTex(formula)}$.`,
    ],
  )
}

function directSum(of: Polynomial, from: bigint, to: bigint): Fraction {
  let sum = new Fraction(0)
  for (let k = from; k <= to; k += 1n) sum = sum.add(valueAt(of, new Fraction(k)))
  return sum
}

function solveLarge(of: Polynomial, from: bigint, to: bigint, tex: string): Solution {
  if (String(to).length > 60) throw new CannotSolve('That upper bound is too large for me.')
  const closed = sumPolynomial(of, from)
  const value = fractionTex(valueAt(closed, new Fraction(to)))
  const small = from + 9n
  return solved(
    tex,
    [
      `Too many terms to add one by one, but they are a polynomial, so there is a closed form: $$S(n) = ${expressionTex(polynomialExpression(closed, 'n'))}.$$`,
      `At $n = ${to}$ it is $${value}$.`,
    ],
    value,
    [
      `For $n = ${small}$ adding directly gives $${fractionTex(directSum(of, from, small))}$, the formula $${fractionTex(valueAt(closed, new Fraction(small)))}$.`,
    ],
  )
}

function solveFinite(
  term: Expression,
  polynomial: Polynomial | undefined,
  range: { variable: string; from: bigint; to: bigint },
  tex: string,
  style: Style,
): Solution {
  const { variable, from, to } = range
  let sum = new Fraction(0)
  const shown: string[] = []
  for (let k = from; k <= to; k += 1n) {
    const value = exactValue(term, { [variable]: new Fraction(k) })
    if (!value) throw new CannotSolve(`The terms of $${tex}$ are not rational numbers.`)
    if (shown.length < 5) shown.push(fractionTex(value))
    sum = sum.add(value)
    if (sum.d.toString(16).length > 5000) throw new CannotSolve('The exact sum is too long.')
  }
  const total = fractionTex(sum)
  const count = to - from + 1n
  const dots = count > 5n ? ' + \\cdots' : ''
  const first = `The sum has ${count} terms: $${shown.join(' + ')}${dots}$.`
  if (!polynomial || count <= 5n)
    return solved(tex, [first, `Added up exactly: $${total}$.`], total, [
      `As a decimal $${total} \\approx ${sum.valueOf()}$.`,
    ])
  const closed = sumPolynomial(polynomial, from)
  const formula = expressionTex(polynomialExpression(closed, 'n'))
  const value = valueAt(closed, new Fraction(to))
  if (!value.equals(sum)) throw new CannotSolve('My two ways to this sum disagree.')
  const byFormula = [first, `Closed form: $S(n) = ${formula}$, so $S(${to}) = ${total}$.`]
  const pairs = polynomial.length === 2 && style.method % 2 === 1
  if (!pairs)
    return solved(tex, byFormula, total, [
      `Adding all ${count} terms one by one gives $${total}$ too.`,
    ])
  const ends = valueAt(polynomial, new Fraction(from)).add(valueAt(polynomial, new Fraction(to)))
  return solved(
    tex,
    [
      first,
      `Like young Gauss I pair the first term with the last: each pair adds up to $${fractionTex(ends)}$, and there are $\\frac{${count}}{2}$ pairs, hence $\\frac{${count}}{2} \\cdot ${fractionTex(ends)} = ${total}$.`,
    ],
    total,
    [`The closed form $S(n) = ${formula}$ gives $S(${to}) = ${fractionTex(value)}$.`],
  )
}

/** Geometric series: the ratio of neighbours is constant. */
function solveSeries(term: Expression, variable: string, from: bigint, tex: string): Solution {
  const at = (k: bigint) => {
    const value = exactValue(term, { [variable]: new Fraction(k) })
    if (!value) throw new CannotSolve('I sum infinite series with rational terms only.')
    return value
  }
  if (!variablesOf(term).includes(variable)) throw new CannotSolve(`$${tex}$ diverges.`)
  const first = at(from)
  if (first.n === 0n) throw new CannotSolve(`I have no method for $${tex}$.`)
  const ratio = at(from + 1n).div(first)
  const geometric = [2n, 3n, 5n, 8n].every((k) => at(from + k).equals(at(from + k - 1n).mul(ratio)))
  if (!geometric)
    throw new CannotSolve(
      `$${tex}$ is not a geometric series, and those are the infinite ones that I know.`,
    )
  if (ratio.abs().gte(1))
    return solved(
      tex,
      [
        `This is geometric with ratio $q = ${fractionTex(ratio)}$ and $|q| \\ge 1$: the terms do not tend to zero.`,
      ],
      '\\text{diverges}',
      ['The terms do not become small, so the partial sums cannot settle.'],
    )
  const total = first.div(new Fraction(1).sub(ratio))
  let partial = 0
  for (let k = 0n; k < 40n; k += 1n) partial += at(from + k).valueOf()
  const rule = binary(
    '/',
    named('a'),
    binary('-', { kind: 'number', value: new Fraction(1) }, named('q')),
  )
  return solved(
    tex,
    [
      `Neighbouring terms have the constant ratio $q = ${fractionTex(ratio)}$, and the first term is $a = ${fractionTex(first)}$: a geometric series, with sum $${expressionTex(rule)}$.`,
      `So the sum is $${fractionTex(total)}$.`,
    ],
    fractionTex(total),
    [
      `Forty terms add up to $${partial.toFixed(9)}$, and $${fractionTex(total)} \\approx ${total.valueOf().toFixed(9)}$.`,
    ],
  )
}
