import {
  compareAt,
  derivativeOf,
  functionOf,
  slope,
  termsOf,
} from '#server/lab/demo-engine/algebra/calculus.ts'
import { type Expression, variablesOf } from '#server/lab/demo-engine/algebra/expression.ts'
import { expressionTex } from '#server/lab/demo-engine/algebra/print-expression.ts'
import { CannotSolve } from './cannot-solve.ts'
import type { Solution, Style } from './solution.ts'

const orderMax = 6
const stepsMax = 12

/** The derivative of some order, with the rules named; checked against finite differences. */
export function solveDerivative(
  expression: Expression,
  variable: string,
  order: number,
  style: Style,
): Solution {
  if (order < 1 || order > orderMax)
    throw new CannotSolve(`I take derivatives of order 1 to ${orderMax}.`)
  const tex = expressionTex(expression)
  const operator =
    order === 1 ? `\\frac{d}{d${variable}}` : `\\frac{d^{${order}}}{d${variable}^{${order}}}`
  const steps: string[] = []
  const checks: string[] = []
  let current = expression
  for (let n = 1; n <= order; n += 1) {
    const next = derivativeOf(current, variable)
    if (!next) throw new CannotSolve(`I could not differentiate $${expressionTex(current)}$.`)
    if (order > 1) steps.push(`Derivative number ${n}:`)
    steps.push(...rulesOf(current, variable).slice(0, stepsMax))
    steps.push(`Together: $$${expressionTex(next)}$$`)
    checks.push(...compared(current, next, variable))
    current = next
  }
  const boxed = expressionTex(current)
  return {
    task: `differentiate $f(${variable}) = ${tex}$ with respect to $${variable}$`,
    thinking: [
      style.pick([
        'I look at how the function is built, from the outside in.',
        'First: which operation is the outermost? That decides the rule.',
      ]),
      ...steps,
    ],
    check: checks,
    answer: [...steps, `$$${operator}\\left[${tex}\\right] = ${boxed}$$`],
    boxed,
  }
}

function compared(of: Expression, derivative: Expression, variable: string): string[] {
  const f = functionOf(of, variable)
  const rows = compareAt((x) => slope(f, x), functionOf(derivative, variable), 1e-5)
  if (!rows)
    throw new CannotSolve('My numerical check of the derivative failed, so I give no answer.')
  return rows.map(
    ({ at, left, right }) =>
      `At $${variable} = ${at}$ the difference quotient is about $${left.toFixed(6)}$, my formula gives $${right.toFixed(6)}$.`,
  )
}

/** The rules from the outermost operation inwards, one sentence each. */
function rulesOf(expression: Expression, variable: string): string[] {
  if (!variablesOf(expression).includes(variable)) return []
  const terms = termsOf(expression)
  if (terms.length > 1) {
    return [
      '**Sum rule**: I differentiate term by term.',
      ...terms.flatMap(({ of }) => rulesOf(of, variable)),
    ]
  }
  const [term] = terms
  const of = term?.of ?? expression
  const tex = expressionTex(of)
  const result = derivativeOf(of, variable)
  const equals = result ? `$$\\left(${tex}\\right)' = ${expressionTex(result)}$$` : ''
  if (of.kind === 'binary') return [...binaryRules(of, variable, equals)]
  if (of.kind === 'call') {
    if (of.of.kind === 'symbol') return [`**Standard derivative**: ${equals}`]
    const inner = derivativeOf(of.of, variable)
    return [
      ...rulesOf(of.of, variable),
      `**Chain rule** for $${tex}$: the inner function is $u = ${expressionTex(of.of)}$${inner ? ` with $u' = ${expressionTex(inner)}$` : ''}, so ${equals}`,
    ]
  }
  return []
}

function binaryRules(
  of: Extract<Expression, { kind: 'binary' }>,
  variable: string,
  equals: string,
): string[] {
  const { op, left, right } = of
  const [inLeft, inRight] = [left, right].map((part) => variablesOf(part).includes(variable))
  const [u, v] = [expressionTex(left), expressionTex(right)]
  const du = derivativeOf(left, variable)
  const dv = derivativeOf(right, variable)
  const parts = `$u = ${u}$, $v = ${v}$, $u' = ${du ? expressionTex(du) : '?'}$, $v' = ${dv ? expressionTex(dv) : '?'}$`
  if (op === '*' && inLeft && inRight) {
    return [
      ...rulesOf(left, variable),
      ...rulesOf(right, variable),
      `**Product rule** $(uv)' = u'v + uv'$ with ${parts}: ${equals}`,
    ]
  }
  if (op === '*') {
    return [...rulesOf(inLeft ? left : right, variable), `**Constant factor**: ${equals}`]
  }
  if (op === '/' && inRight) {
    return [
      ...rulesOf(left, variable),
      ...rulesOf(right, variable),
      `**Quotient rule** $\\left(\\frac{u}{v}\\right)' = \\frac{u'v - uv'}{v^2}$ with ${parts}: ${equals}`,
    ]
  }
  if (op === '/') return [...rulesOf(left, variable), `**Constant factor**: ${equals}`]
  if (inLeft && inRight)
    return [`**Logarithmic differentiation** of $u^v = e^{v \\ln u}$ with ${parts}: ${equals}`]
  if (inRight) return [`**Exponential rule** $(a^v)' = a^v \\ln(a)\\, v'$: ${equals}`]
  if (left.kind === 'symbol') return [`**Power rule** $(x^n)' = n x^{n-1}$: ${equals}`]
  return [...rulesOf(left, variable), `**Chain rule** with the power rule, $u = ${u}$: ${equals}`]
}
