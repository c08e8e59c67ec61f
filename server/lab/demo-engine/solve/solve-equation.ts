import Fraction from 'fraction.js'
import nerdamer from 'nerdamer-prime/all'
import { tidied } from '#server/lab/demo-engine/algebra/calculus.ts'
import { exactValue, numericValue } from '#server/lab/demo-engine/algebra/evaluate.ts'
import {
  binary,
  type Expression,
  parseExpression,
  variablesOf,
} from '#server/lab/demo-engine/algebra/expression.ts'
import {
  type Polynomial,
  polynomialExpression,
  polynomialOf,
  primitive,
} from '#server/lab/demo-engine/algebra/polynomial.ts'
import {
  expressionInfix,
  expressionTex,
  fractionTex,
} from '#server/lab/demo-engine/algebra/print-expression.ts'
import { closedFormTex } from '#server/lab/demo-engine/read/recognise.ts'
import { CannotSolve } from './cannot-solve.ts'
import type { Solution, Style } from './solution.ts'
import { solvePolynomial } from './solve-polynomial.ts'
import { solveQuadratic } from './solve-quadratic.ts'

export type Equation = { left: Expression; right: Expression }

export function equationTex({ left, right }: Equation): string {
  return `${expressionTex(left)} = ${expressionTex(right)}`
}

/** One equation in one unknown (or in the named one of several). */
export function solveEquation(
  equation: Equation,
  wanted: string | undefined,
  style: Style,
): Solution {
  const { left, right } = equation
  const variables = [...new Set([...variablesOf(left), ...variablesOf(right)])]
  const variable = wanted && variables.includes(wanted) ? wanted : pickUnknown(variables)
  if (!variable) return compareSides(equation)
  const difference = binary('-', left, right)
  if (variables.length > 1) return solveForOne(equation, variable)
  const polynomial = polynomialOf(difference, variable)
  if (!polynomial) return solveTranscendental(equation, variable)
  const solution = solveByDegree(equation, polynomial, variable, style)
  if (exactValue(right)?.n === 0n) return solution
  const moved = expressionTex(polynomialExpression(polynomial, variable))
  return {
    ...solution,
    task: `solve $${equationTex(equation)}$ for $${variable}$`,
    thinking: [`I bring everything to one side: $$${moved} = 0.$$`, ...solution.thinking],
    answer: [`Everything on one side: $$${moved} = 0.$$`, ...solution.answer],
  }
}

function pickUnknown(variables: string[]): string | undefined {
  return ['x', 'y', 'z', 't', 'n'].find((name) => variables.includes(name)) ?? variables[0]
}

function solveByDegree(
  equation: Equation,
  polynomial: Polynomial,
  variable: string,
  style: Style,
): Solution {
  if (polynomial.length <= 1) return solveDegenerate(equation, polynomial, variable)
  if (polynomial.length === 2) return solveLinear(equation, polynomial, variable)
  if (polynomial.length === 3) return solveQuadratic(polynomial, variable, style)
  return solvePolynomial(polynomial, variable)
}

function compareSides(equation: Equation): Solution {
  const [left, right] = [exactValue(equation.left), exactValue(equation.right)]
  if (!left || !right) throw new CannotSolve('There is no unknown in that equation.')
  const truth = left.equals(right) ? 'true' : 'false'
  return {
    task: `decide whether $${equationTex(equation)}$`,
    thinking: [
      `There is no unknown here, so I compute both sides: the left one is $${fractionTex(left)}$, the right one $${fractionTex(right)}$.`,
    ],
    check: [`$${fractionTex(left)} - ${fractionTex(right)} = ${fractionTex(left.sub(right))}$.`],
    answer: [`The statement is **${truth}**.`],
    boxed: `\\text{${truth}}`,
  }
}

function solveDegenerate(equation: Equation, polynomial: Polynomial, variable: string): Solution {
  const always = polynomial.length === 0
  const result = always
    ? `Every $${variable}$ solves it: both sides are the same.`
    : 'The unknown cancels and a false statement stays: there is no solution.'
  return {
    task: `solve $${equationTex(equation)}$ for $${variable}$`,
    thinking: [
      `The difference of both sides is $${expressionTex(polynomialExpression(polynomial, variable))}$, whatever $${variable}$ is.`,
    ],
    check: [result],
    answer: [result],
    boxed: always ? `${variable} \\in \\mathbb{R}` : '\\text{no solution}',
  }
}

function solveLinear(equation: Equation, polynomial: Polynomial, variable: string): Solution {
  const { integers } = primitive(polynomial)
  const [constant = 0n, slope = 1n] = integers
  const root = new Fraction(-constant, slope)
  const x = fractionTex(root)
  const whole = integers.map((value) => new Fraction(value))
  const steps = [
    `Collected and with whole coefficients the equation is $$${expressionTex(polynomialExpression(whole, variable))} = 0.$$`,
    `The constant goes to the other side: $$${expressionTex(polynomialExpression([new Fraction(0), new Fraction(slope)], variable))} = ${-constant}.$$`,
    `Dividing by $${slope}$ gives $$${variable} = ${x}.$$`,
  ]
  const at = { [variable]: root }
  const [left, right] = [exactValue(equation.left, at), exactValue(equation.right, at)]
  if (!left || !right || !left.equals(right))
    throw new CannotSolve('My check by substitution failed, so I give no answer.')
  return {
    task: `solve the linear equation $${equationTex(equation)}$ for $${variable}$`,
    thinking: steps,
    check: [
      `With $${variable} = ${x}$ the left side is $${fractionTex(left)}$ and the right side is $${fractionTex(right)}$. They are equal.`,
    ],
    answer: steps,
    boxed: `${variable} = ${x}`,
  }
}

/** A formula with several letters, solved for one of them. */
function solveForOne(equation: Equation, variable: string): Solution {
  const difference = expressionInfix(binary('-', equation.left, equation.right))
  const found = casList(nerdamer(`solve(${difference},${variable})`).toString())
  const roots = found.filter((root) =>
    satisfies(equation, variable, root, pointOf(equation, variable)),
  )
  if (roots.length === 0)
    throw new CannotSolve(`I could not solve $${equationTex(equation)}$ for $${variable}$.`)
  const shown = roots.map((root) => `${variable} = ${expressionTex(tidied(root, variable))}`)
  return {
    task: `solve $${equationTex(equation)}$ for $${variable}$`,
    thinking: [
      `I treat the other letters as known numbers and isolate $${variable}$. The algebra gives ${shown.map((root) => `$${root}$`).join(' and ')}.`,
    ],
    check: [
      'I put numbers in for the other letters and compared both sides: they agree to nine digits.',
    ],
    answer: [`Isolating $${variable}$: $$${shown.join(' \\quad\\text{or}\\quad ')}$$`],
    boxed: shown.join(' \\text{ or } '),
  }
}

function pointOf(equation: Equation, variable: string): Record<string, number> {
  const names = [...variablesOf(equation.left), ...variablesOf(equation.right)]
  const others = [...new Set(names)].filter((name) => name !== variable)
  return Object.fromEntries(others.map((name, i) => [name, 1.37 + 0.61 * i]))
}

function satisfies(
  equation: Equation,
  variable: string,
  root: Expression,
  point: Record<string, number>,
): boolean {
  const at = { ...point, [variable]: numericValue(root, point) }
  const [left, right] = [numericValue(equation.left, at), numericValue(equation.right, at)]
  return Math.abs(left - right) <= 1e-7 * Math.max(1, Math.abs(left), Math.abs(right))
}

/** The members of the algebra library's list that this engine can read. */
function casList(text: string): Expression[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const char of text.replace(/^\[|\]$/g, '')) {
    if (char === '(') depth += 1
    if (char === ')') depth -= 1
    if (char === ',' && depth === 0) {
      parts.push(part)
      part = ''
    } else part += char
  }
  return [...parts, part].filter((member) => member !== '').map(parseExpression)
}

/** Equations with roots, exponentials or angles: real solutions only, each verified by substitution. */
function solveTranscendental(equation: Equation, variable: string): Solution {
  const difference = expressionInfix(binary('-', equation.left, equation.right))
  const candidates = casList(nerdamer(`solve(${difference},${variable})`).toString())
  const roots = candidates.filter((root) => satisfies(equation, variable, root, {}))
  const values = roots
    .map((root) => ({ root, value: numericValue(root) }))
    .sort((a, b) => Math.abs(a.value) - Math.abs(b.value) || b.value - a.value)
  if (values.length === 0)
    throw new CannotSolve(`I found no real solution of $${equationTex(equation)}$.`)
  // The library gives long fractions for numbers that it found by iteration.
  const shown = values.slice(0, 6).map(({ root, value }) => {
    const exact = exactValue(root)
    if (exact && exact.d < 10_000n) return `${variable} = ${fractionTex(exact)}`
    if (!exact && expressionTex(root).length < 40) return `${variable} = ${expressionTex(root)}`
    const form = closedFormTex(value)
    return form
      ? `${variable} = ${form}`
      : `${variable} \\approx ${value.toFixed(9).replace(/\.?0+$/, '')}`
  })
  const more =
    values.length > 2 ? ['There are further solutions; I list those nearest to zero.'] : []
  return {
    task: `solve $${equationTex(equation)}$ for $${variable}$`,
    thinking: [
      `This is not a polynomial equation. Inverting the outer function and refining numerically, I find ${shown.map((root) => `$${root}$`).join(', ')}.`,
      ...more,
    ],
    check: values.slice(0, 6).map(({ value }) => {
      const at = { [variable]: value }
      return `At $${variable} \\approx ${value.toPrecision(9)}$ the left side is $${numericValue(equation.left, at).toPrecision(8)}$ and the right side $${numericValue(equation.right, at).toPrecision(8)}$.`
    }),
    answer: [
      `The real solutions${more.length ? ' nearest to zero' : ''}: $$${shown.join(', \\quad ')}$$`,
    ],
    boxed: shown.join(' \\text{ or } '),
  }
}
