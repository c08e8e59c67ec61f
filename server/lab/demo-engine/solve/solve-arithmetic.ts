import type Fraction from 'fraction.js'
import nerdamer from 'nerdamer-prime/all'
import {
  exactOperation,
  exactValue,
  numericValue,
} from '#server/lab/demo-engine/algebra/evaluate.ts'
import {
  type Expression,
  number,
  parseExpression,
} from '#server/lab/demo-engine/algebra/expression.ts'
import {
  expressionInfix,
  expressionTex,
  fractionTex,
} from '#server/lab/demo-engine/algebra/print-expression.ts'
import { CannotSolve } from './cannot-solve.ts'
import type { Solution, Style } from './solution.ts'

const stepsMax = 40

/** Evaluates an expression without unknowns: exactly where it is rational, symbolically else. */
export function solveArithmetic(expression: Expression, style: Style): Solution {
  const tex = expressionTex(expression)
  const value = exactValue(expression)
  if (!value) return solveIrrational(expression)
  const steps = reductionsOf(expression)
  const lines = [tex, ...steps.map((step) => expressionTex(step.after))]
  const boxed = fractionTex(value)
  return {
    task: `compute $${tex}$`,
    thinking: [
      style.pick([
        'Order of operations: parentheses first, then powers, then multiplication and division from left to right, then addition and subtraction.',
        'I go from the inside out, powers before products, products before sums.',
      ]),
      ...steps.map(
        (step) => `$${step.what} = ${step.result}$, so now I have $$${expressionTex(step.after)}$$`,
      ),
    ],
    check: [checkOf(expression, value)],
    answer: [chain(lines), ...decimalOf(value)],
    boxed,
  }
}

/** An equation chain, one line per step. */
export function chain(lines: string[]): string {
  const [first, ...rest] = [...new Set(lines)]
  if (rest.length === 0) return `$$${first} = ${first}$$`
  return `$$\\begin{aligned} ${first} &= ${rest.join(' \\\\\n&= ')} \\end{aligned}$$`
}

function decimalOf(value: Fraction): string[] {
  return value.d === 1n ? [] : [`As a decimal: $${decimal(value.valueOf())}$.`]
}

/** Twelve significant digits, with the sign that says whether they are all of them. */
function decimal(value: number): string {
  const text = String(Number(value.toPrecision(12)))
  return text.length < 12 ? text : `${text}\\ldots`
}

/** A second way to the same number: floating point and the last digits, or the remainders modulo 9 and 11. */
function checkOf(expression: Expression, value: Fraction): string {
  const float = numericValue(expression)
  if (Number.isFinite(float) && Math.abs(float) < 1e15) {
    const apart = Math.abs(float - value.valueOf()) / Math.max(1, Math.abs(float))
    if (apart > 1e-9) throw new CannotSolve('My two calculations disagree, so I give no answer.')
    return `In floating point the whole expression gives $${decimal(float)}$, and my exact result is $${decimal(value.valueOf())}$. They agree.`
  }
  const digits = String(value.n)
  const sum = [...digits].reduce((total, digit) => total + Number(digit), 0)
  return `The numerator has ${digits.length} digits with digit sum ${sum}, so it leaves $${sum % 9}$ modulo 9; directly, $${value.n % 9n}$ modulo 9. They agree.`
}

type Reduction = { what: string; result: string; after: Expression }

/** One operation at a time, innermost and leftmost first. */
function reductionsOf(expression: Expression): Reduction[] {
  const steps: Reduction[] = []
  let current = expression
  while (steps.length < stepsMax) {
    const step = reduced(current)
    if (!step) break
    steps.push(step)
    current = step.after
  }
  return steps
}

function reduced(expression: Expression): Reduction | undefined {
  switch (expression.kind) {
    case 'number':
    case 'symbol':
      return undefined
    case 'binary': {
      const left = reduced(expression.left)
      if (left) return { ...left, after: { ...expression, left: left.after } }
      const right = reduced(expression.right)
      if (right) return { ...right, after: { ...expression, right: right.after } }
      const [a, b] = [exactValue(expression.left), exactValue(expression.right)]
      const value = a && b && exactOperation(expression.op, a, b)
      return value && done(expression, value)
    }
    default: {
      const of = reduced(expression.of)
      if (of) return { ...of, after: { ...expression, of: of.after } }
      const value = exactValue(expression)
      return value && done(expression, value)
    }
  }
}

function done(expression: Expression, value: Fraction): Reduction | undefined {
  const what = expressionTex(expression)
  const result = fractionTex(value)
  // A fraction in lowest terms, or a sign, is written the same before and after: no step.
  if (what === result) return undefined
  return { what, result, after: number(value) }
}

function solveIrrational(expression: Expression): Solution {
  const tex = expressionTex(expression)
  const float = numericValue(expression)
  const simplified = parseExpression(
    nerdamer(`simplify(${expressionInfix(expression)})`).toString(),
  )
  const again = numericValue(simplified)
  const agrees = Math.abs(again - float) <= 1e-9 * Math.max(1, Math.abs(float))
  if (!agrees && !Number.isFinite(float))
    throw new CannotSolve(`$${tex}$ has no real value that I could compute.`)
  const best = agrees ? expressionTex(simplified) : tex
  return {
    task: `compute $${tex}$`,
    thinking: [
      `This is not a rational number, so I keep it exact as long as I can and simplify: $$${tex} = ${best}$$`,
    ],
    check: [
      `Numerically $${tex} \\approx ${decimal(float)}$ and $${best} \\approx ${decimal(agrees ? again : float)}$.`,
    ],
    answer: [`$$${tex} = ${best} \\approx ${decimal(float)}$$`],
    boxed: best,
  }
}
