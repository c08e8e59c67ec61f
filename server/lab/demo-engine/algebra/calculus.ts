import { derivative } from 'mathjs'
import nerdamer from 'nerdamer-prime/all'
import { exactValue, numericValue } from './evaluate.ts'
import { binary, type Expression, number, parseExpression, variablesOf } from './expression.ts'
import { polynomialExpression, polynomialOf } from './polynomial.ts'
import { expressionInfix } from './print-expression.ts'

/** Asks the algebra library and reads its answer; undefined where it gives none that can be read. */
export function askAlgebra(query: string): Expression | undefined {
  try {
    return parseExpression(nerdamer(query).toString())
  } catch {
    return undefined
  }
}

/** The derivative, tidied; undefined where no library gives one that agrees with difference quotients. */
export function derivativeOf(expression: Expression, variable: string): Expression | undefined {
  if (!variablesOf(expression).includes(variable)) return number(0)
  const f = functionOf(expression, variable)
  const quotient = (x: number) => slope(f, x)
  // Each library errs on some inputs (roots inside products, for one), so neither is trusted unchecked.
  for (const ask of [askAlgebra, askMathjs]) {
    const found = ask(`diff(${expressionInfix(expression)},${variable})`)
    if (found && compareAt(quotient, functionOf(found, variable), 1e-5))
      return tidied(found, variable)
  }
  return undefined
}

function askMathjs(query: string): Expression | undefined {
  const [, expression, variable] = /^diff\((.*),([a-z]+)\)$/i.exec(query) ?? []
  try {
    return expression && variable
      ? parseExpression(String(derivative(expression, variable)))
      : undefined
  } catch {
    return undefined
  }
}

/** An antiderivative, if the library has one in functions that can be evaluated. */
export function antiderivativeOf(expression: Expression, variable: string): Expression | undefined {
  const found = askAlgebra(`integrate(${expressionInfix(expression)},${variable})`)
  return found && tidied(found, variable)
}

/** Written as one would by hand: falling degrees, numbers before letters, positive terms first. */
export function tidied(expression: Expression, variable: string): Expression {
  const polynomial = polynomialOf(expression, variable)
  if (polynomial) return polynomialExpression(polynomial, variable)
  const terms = termsOf(expression)
  const first = terms.findIndex(({ negative }) => !negative)
  const ordered = first > 0 ? [...terms.splice(first, 1), ...terms] : terms
  return sumOf(ordered.map((term) => ({ ...term, of: orderedProduct(term.of) })))
}

export type Term = { of: Expression; negative: boolean }

/** The terms of a sum with their signs. */
export function termsOf(expression: Expression, negative = false): Term[] {
  if (expression.kind === 'negate') return termsOf(expression.of, !negative)
  if (expression.kind === 'binary' && (expression.op === '+' || expression.op === '-')) {
    const flipped = expression.op === '-' ? !negative : negative
    return [...termsOf(expression.left, negative), ...termsOf(expression.right, flipped)]
  }
  if (expression.kind === 'binary' && expression.op === '*') {
    const factors = factorsOf(expression)
    const positive = factors.map((factor) => (factor.kind === 'negate' ? factor.of : factor))
    const flips = factors.filter((factor) => factor.kind === 'negate').length
    const numbers = positive.filter(
      (factor) => factor.kind === 'number' && factor.value.s < 0n,
    ).length
    const sizes = positive.map((factor) =>
      factor.kind === 'number' ? number(factor.value.abs()) : factor,
    )
    const of = sizes.reduce((left, right) => binary('*', left, right))
    return [{ of, negative: (flips + numbers) % 2 === 1 ? !negative : negative }]
  }
  if (expression.kind === 'number' && expression.value.s < 0n)
    return [{ of: number(expression.value.neg()), negative: !negative }]
  return [{ of: expression, negative }]
}

export function sumOf(terms: Term[]): Expression {
  const [first, ...rest] = terms
  if (!first) return number(0)
  const start: Expression = first.negative ? { kind: 'negate', of: first.of } : first.of
  return rest.reduce((sum, { of, negative }) => binary(negative ? '-' : '+', sum, of), start)
}

/** Numbers, then powers, then functions, as in 2x cos(x); negative powers go below a fraction bar. */
function orderedProduct(expression: Expression): Expression {
  const above: Expression[] = []
  const below: Expression[] = []
  const factors = factorsOf(expression)
  const only = factors.length === 1
  for (const factor of factors) {
    const inverse = inverted(factor)
    if (inverse) below.push(inverse)
    else if (factor.kind === 'number') {
      const { n, d, s } = factor.value
      if (n !== 1n || s < 0n) above.push(number(s * n))
      if (d !== 1n) below.push(number(d))
    } else above.push(isSum(factor) && !only ? tidied(factor, '') : rooted(factor))
  }
  const top = productOf(above)
  return below.length === 0 ? top : binary('/', top, productOf(below))
}

function isSum(of: Expression): boolean {
  return of.kind === 'binary' && (of.op === '+' || of.op === '-')
}

function productOf(factors: Expression[]): Expression {
  const [first, ...rest] = [...factors].sort((a, b) => rankOf(a) - rankOf(b))
  return first ? rest.reduce((left, right) => binary('*', left, right), first) : number(1)
}

function rankOf(of: Expression): number {
  if (of.kind === 'number') return 0
  if (of.kind === 'symbol') return 1
  if (of.kind === 'binary' && of.op === '^') return rankOf(of.left) === 1 ? 2 : rankOf(of.left)
  return of.kind === 'call' ? 4 : 3
}

/** x^3 for x^-3: the part that goes below the bar; e^-x stays above. */
function inverted(factor: Expression): Expression | undefined {
  if (factor.kind !== 'binary' || factor.op !== '^') return undefined
  const power = factor.right.kind === 'negate' ? exactValue(factor.right) : undefined
  const exponent = factor.right.kind === 'number' ? factor.right.value : power
  const written = factor.right.kind === 'binary' ? exactValue(factor.right) : exponent
  if (!written || written.s >= 0n) return undefined
  const size = written.neg()
  return size.equals(1) ? factor.left : rooted(binary('^', factor.left, number(size)))
}

/** x^(1/2) written as a root. */
function rooted(factor: Expression): Expression {
  if (factor.kind !== 'binary' || factor.op !== '^') return factor
  const exponent = factor.right.kind === 'symbol' ? undefined : halfOf(factor.right)
  return exponent ? { kind: 'call', name: 'sqrt', of: factor.left } : factor
}

function halfOf(exponent: Expression): boolean {
  return variablesOf(exponent).length === 0 && exactValue(exponent)?.equals('1/2') === true
}

export function factorsOf(expression: Expression): Expression[] {
  return expression.kind === 'binary' && expression.op === '*'
    ? [...factorsOf(expression.left), ...factorsOf(expression.right)]
    : [expression]
}

export type Comparison = { at: number; left: number; right: number }

/** Compares two functions at points where both are real; undefined where they differ or too few points serve. */
export function compareAt(
  left: (x: number) => number,
  right: (x: number) => number,
  tolerance: number,
): Comparison[] | undefined {
  const points = [0.7, 1.3, 2.1, 3.4, -0.6, -1.9, 0.31, 5.2, -3.3]
  const rows = points
    .map((at) => ({ at, left: left(at), right: right(at) }))
    .filter((row) => Number.isFinite(row.left) && Number.isFinite(row.right))
  const agree = rows.every(
    (row) => Math.abs(row.left - row.right) <= tolerance * Math.max(1, Math.abs(row.left)),
  )
  return agree && rows.length >= 2 ? rows.slice(0, 3) : undefined
}

/** The slope by central differences, fourth order. */
export function slope(f: (x: number) => number, x: number): number {
  const h = 1e-3 * Math.max(1, Math.abs(x))
  return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)
}

/** The expression as a function of one variable; other letters get fixed values. */
export function functionOf(expression: Expression, variable: string): (x: number) => number {
  const others = variablesOf(expression).filter((name) => name !== variable)
  const fixed = Object.fromEntries(others.map((name, i) => [name, 1.7 + 0.4 * i]))
  return (x) => numericValue(expression, { ...fixed, [variable]: x })
}

/** The integral over a finite interval by Simpson's rule on 2,000 panels; NaN at a pole. */
export function numericIntegral(f: (x: number) => number, from: number, to: number): number {
  const panels = 2000
  const h = (to - from) / panels
  let sum = f(from) + f(to)
  for (let i = 1; i < panels; i += 1) sum += f(from + i * h) * (i % 2 === 0 ? 2 : 4)
  return (sum * h) / 3
}
