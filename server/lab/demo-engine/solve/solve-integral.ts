import {
  antiderivativeOf,
  askAlgebra,
  compareAt,
  factorsOf,
  functionOf,
  numericIntegral,
  slope,
  termsOf,
  tidied,
} from '#server/lab/demo-engine/algebra/calculus.ts'
import { exactValue, numericValue } from '#server/lab/demo-engine/algebra/evaluate.ts'
import { binary, type Expression, variablesOf } from '#server/lab/demo-engine/algebra/expression.ts'
import { polynomialOf } from '#server/lab/demo-engine/algebra/polynomial.ts'
import {
  expressionInfix,
  expressionTex,
  fractionTex,
} from '#server/lab/demo-engine/algebra/print-expression.ts'
import { closedFormTex } from '#server/lab/demo-engine/read/recognise.ts'
import { CannotSolve } from './cannot-solve.ts'
import type { Solution } from './solution.ts'

export type Bounds = { from: Expression; to: Expression }

/** An indefinite or definite integral; the antiderivative is differentiated numerically, the value integrated numerically. */
export function solveIntegral(
  integrand: Expression,
  variable: string,
  bounds: Bounds | undefined,
): Solution {
  const tex = expressionTex(integrand)
  const found = antiderivativeOf(integrand, variable)
  const checked = found && verified(integrand, found, variable)
  if (!bounds) {
    if (!found || !checked)
      throw new CannotSolve(
        `I found no antiderivative of $${tex}$ in elementary functions; there may be none.`,
      )
    const result = `${expressionTex(found)} + C`
    const steps = stepsOf(integrand, variable)
    return {
      task: `find $\\int ${tex} \\, d${variable}$`,
      thinking: [...steps, `Together: $$\\int ${tex} \\, d${variable} = ${result}.$$`],
      check: checked,
      answer: [...steps, `$$\\int ${tex} \\, d${variable} = ${result}$$`],
      boxed: result,
    }
  }
  return solveDefinite(integrand, variable, bounds, checked ? found : undefined, checked ?? [])
}

function verified(
  integrand: Expression,
  antiderivative: Expression,
  variable: string,
): string[] | undefined {
  const F = functionOf(antiderivative, variable)
  const rows = compareAt((x) => slope(F, x), functionOf(integrand, variable), 1e-5)
  return rows?.map(
    ({ at, left, right }) =>
      `At $${variable} = ${at}$ the slope of the antiderivative is about $${left.toFixed(6)}$; the integrand there is $${right.toFixed(6)}$.`,
  )
}

function stepsOf(integrand: Expression, variable: string): string[] {
  const terms = termsOf(integrand)
  const lead = terms.length > 1 ? ['The integral of a sum is the sum of the integrals.'] : []
  return [
    ...lead,
    ...terms.map(({ of }) => {
      const part = antiderivativeOf(of, variable)
      const result = part ? expressionTex(part) : '?'
      return `**${ruleOf(of, variable)}**: $$\\int ${expressionTex(of)} \\, d${variable} = ${result}$$`
    }),
  ]
}

/** The name of the technique that a term calls for. */
function ruleOf(term: Expression, variable: string): string {
  if (!variablesOf(term).includes(variable)) return 'Constant'
  if (polynomialOf(term, variable)) return 'Power rule'
  const factors = factorsOf(term).filter((factor) => variablesOf(factor).includes(variable))
  if (factors.length > 1) {
    const byParts = factors.some((factor) => polynomialOf(factor, variable))
    return byParts ? 'Integration by parts' : 'Substitution'
  }
  const [factor] = factors
  if (factor?.kind === 'call')
    return factor.name === 'log' ? 'Integration by parts' : 'Standard integral'
  if (factor?.kind === 'binary' && factor.op === '/') return 'Rational function'
  return 'Standard integral'
}

function solveDefinite(
  integrand: Expression,
  variable: string,
  { from, to }: Bounds,
  antiderivative: Expression | undefined,
  checks: string[],
): Solution {
  const [a, b] = [numericValue(from), numericValue(to)]
  const tex = `\\int_{${expressionTex(from)}}^{${expressionTex(to)}} ${expressionTex(integrand)} \\, d${variable}`
  const numeric = properIntegral(functionOf(integrand, variable), a, b)
  const value = antiderivative && difference(antiderivative, variable, { from, to })
  const agrees =
    value && Math.abs(numericValue(value) - numeric) <= 1e-5 * Math.max(1, Math.abs(numeric))
  if (!antiderivative || !value || !agrees) return approximate(tex, numeric)
  const exact = exactValue(value)
  // The library replaces some irrational values, such as atan(1), by long fractions.
  const honest = !exact || exact.d < 100_000n
  const form = honest ? undefined : closedFormTex(numericValue(value))
  if (!honest && !form) return approximate(tex, numericValue(value))
  const boxed = form ?? (exact ? fractionTex(exact) : expressionTex(tidied(value, variable)))
  const F = expressionTex(antiderivative)
  const evaluated = `$$${tex} = \\left[${F}\\right]_{${expressionTex(from)}}^{${expressionTex(to)}} = ${boxed}$$`
  return {
    task: `compute $${tex}$`,
    thinking: [
      'By the fundamental theorem I need an antiderivative first.',
      ...stepsOf(integrand, variable),
      `So $F(${variable}) = ${F}$, and the integral is $F(${expressionTex(to)}) - F(${expressionTex(from)}) = ${boxed}$.`,
    ],
    check: [
      ...checks,
      `Simpson's rule gives about $${numeric.toFixed(6)}$ for the integral, and $${boxed} \\approx ${numericValue(value).toFixed(6)}$.`,
    ],
    answer: [`An antiderivative is $F(${variable}) = ${F}$. Then`, evaluated],
    boxed,
  }
}

/** Over a half line the integrand is brought to a finite interval by x = t/(1 - t^2) and the like. */
function properIntegral(f: (x: number) => number, a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) throw new CannotSolve('I need numbers as bounds.')
  if (Number.isFinite(a) && Number.isFinite(b)) return numericIntegral(f, a, b)
  const finite = (x: number) => (Number.isFinite(x) ? x : 0)
  const pulled = (t: number) => {
    const scale = 1 - t * t
    return scale <= 0 ? 0 : finite((f(t / scale) * (1 + t * t)) / (scale * scale))
  }
  const place = (x: number) => {
    if (!Number.isFinite(x)) return Math.sign(x)
    return x === 0 ? 0 : (Math.sqrt(1 + 4 * x * x) - 1) / (2 * x)
  }
  return numericIntegral(pulled, place(a), place(b))
}

/** F(b) - F(a), simplified; at infinity the limit. */
function difference(
  antiderivative: Expression,
  variable: string,
  { from, to }: Bounds,
): Expression | undefined {
  const at = (bound: Expression) => {
    const infinite = !Number.isFinite(numericValue(bound))
    const query = infinite
      ? `limit(${expressionInfix(antiderivative)},${variable},${numericValue(bound) < 0 ? '-' : ''}Infinity)`
      : replaced(antiderivative, variable, bound)
    return askAlgebra(query)
  }
  const [upper, lower] = [at(to), at(from)]
  if (!upper || !lower) return undefined
  return askAlgebra(`simplify(${expressionInfix(binary('-', upper, lower))})`)
}

function replaced(expression: Expression, variable: string, by: Expression): string {
  const infix = expressionInfix(expression)
  return infix.replaceAll(
    new RegExp(`(?<![A-Za-z])${variable}(?![A-Za-z])`, 'g'),
    `(${expressionInfix(by)})`,
  )
}

function approximate(tex: string, numeric: number): Solution {
  if (!Number.isFinite(numeric))
    throw new CannotSolve(`I could not compute $${tex}$; the integrand may have a pole there.`)
  const boxed = `\\approx ${numeric.toFixed(6)}`
  return {
    task: `compute $${tex}$`,
    thinking: [
      "I find no closed form that survives a check, so I compute the number with Simpson's rule on 2,000 panels.",
    ],
    check: [`The sum of the panels is $${numeric.toFixed(9)}$.`],
    answer: [`I have no closed form; numerically $$${tex} ${boxed}.$$`],
    boxed,
  }
}
