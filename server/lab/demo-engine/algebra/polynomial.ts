import Fraction from 'fraction.js'
import { exactOperation, exactValue } from './evaluate.ts'
import { binary, type Expression, named, number, variablesOf } from './expression.ts'

/** Coefficients by degree, constant first, without leading zeros; the zero polynomial is empty. */
export type Polynomial = Fraction[]

const degreeMax = 60
const zero = new Fraction(0)

export function trimmed(coefficients: Polynomial): Polynomial {
  let length = coefficients.length
  while (length > 0 && coefficients[length - 1]?.n === 0n) length -= 1
  return coefficients.slice(0, length)
}

function combine(a: Polynomial, b: Polynomial, op: '+' | '-'): Polynomial {
  const sum = Array.from({ length: Math.max(a.length, b.length) }, (_, degree) => {
    const left = a[degree] ?? zero
    const right = b[degree] ?? zero
    return op === '+' ? left.add(right) : left.sub(right)
  })
  return trimmed(sum)
}

export function multiply(a: Polynomial, b: Polynomial): Polynomial {
  const product = Array.from({ length: Math.max(0, a.length + b.length - 1) }, () => zero)
  a.forEach((left, i) => {
    b.forEach((right, j) => {
      product[i + j] = (product[i + j] ?? zero).add(left.mul(right))
    })
  })
  return trimmed(product)
}

/** The polynomial in one variable that an expression is, or undefined. */
export function polynomialOf(expression: Expression, variable: string): Polynomial | undefined {
  if (!variablesOf(expression).includes(variable)) {
    const value = exactValue(expression)
    return value && trimmed([value])
  }
  switch (expression.kind) {
    case 'symbol':
      return [zero, new Fraction(1)]
    case 'negate': {
      const of = polynomialOf(expression.of, variable)
      return of?.map((coefficient) => coefficient.neg())
    }
    case 'binary':
      return combined(expression, variable)
    default:
      return undefined
  }
}

function combined(
  expression: Extract<Expression, { kind: 'binary' }>,
  variable: string,
): Polynomial | undefined {
  const left = polynomialOf(expression.left, variable)
  if (!left) return undefined
  if (expression.op === '^' || expression.op === '/') {
    const by = variablesOf(expression.right).length === 0 ? exactValue(expression.right) : undefined
    if (!by) return undefined
    if (expression.op === '/') return left.map((of) => exactOperation('/', of, by) ?? zero)
    if (by.d !== 1n || by.s < 0n || Number(by.n) * (left.length - 1) > degreeMax) return undefined
    return Array.from({ length: Number(by.n) }, () => left).reduce(multiply, [new Fraction(1)])
  }
  const right = polynomialOf(expression.right, variable)
  if (!right) return undefined
  if (expression.op !== '*') return combine(left, right, expression.op)
  return left.length + right.length > degreeMax ? undefined : multiply(left, right)
}

/** The linear form `sum of coefficients[v] * v + constant`, or undefined. */
export function linearFormOf(
  expression: Expression,
): { coefficients: Record<string, Fraction>; constant: Fraction } | undefined {
  const variables = variablesOf(expression)
  const origin = Object.fromEntries(variables.map((variable) => [variable, zero]))
  const coefficients: Record<string, Fraction> = {}
  for (const variable of variables) {
    const others = substituted(expression, { ...origin }, variable)
    const polynomial = polynomialOf(others, variable)
    if (!polynomial || polynomial.length > 2) return undefined
    coefficients[variable] = polynomial[1] ?? zero
  }
  const constant = exactValue(expression, origin)
  if (!constant) return undefined
  // Products of two unknowns vanish at the origin: compare at a point where they do not.
  const point = Object.fromEntries(variables.map((variable, i) => [variable, new Fraction(i + 2)]))
  const linear = variables.reduce(
    (sum, variable) => sum.add((coefficients[variable] ?? zero).mul(point[variable] ?? zero)),
    constant,
  )
  return exactValue(expression, point)?.equals(linear) ? { coefficients, constant } : undefined
}

function substituted(
  expression: Expression,
  values: Record<string, Fraction>,
  keep: string,
): Expression {
  switch (expression.kind) {
    case 'number':
      return expression
    case 'symbol': {
      const value = expression.name === keep ? undefined : values[expression.name]
      return value ? number(value) : expression
    }
    case 'binary':
      return {
        ...expression,
        left: substituted(expression.left, values, keep),
        right: substituted(expression.right, values, keep),
      }
    default:
      return { ...expression, of: substituted(expression.of, values, keep) }
  }
}

/** The value at a point, by Horner's scheme. */
export function valueAt(polynomial: Polynomial, x: Fraction): Fraction {
  return polynomial.reduceRight((sum, coefficient) => sum.mul(x).add(coefficient), zero)
}

/** Written out, highest degree first. */
export function polynomialExpression(polynomial: Polynomial, variable: string): Expression {
  let sum: Expression | undefined
  for (const [degree, coefficient] of [...polynomial.entries()].reverse()) {
    if (coefficient.n === 0n) continue
    const size = coefficient.abs()
    const power = degree > 1 ? binary('^', named(variable), number(degree)) : named(variable)
    const isOne = size.equals(1)
    const term = degree === 0 ? number(size) : isOne ? power : binary('*', number(size), power)
    if (sum) sum = binary(coefficient.s < 0n ? '-' : '+', sum, term)
    else sum = coefficient.s < 0n ? { kind: 'negate', of: term } : term
  }
  return sum ?? number(0)
}

/** The same polynomial times a factor, with whole coefficients that share no divisor. */
export function primitive(polynomial: Polynomial): { integers: bigint[]; factor: Fraction } {
  const lcm = polynomial.reduce((d, c) => (d / gcdOf(d, c.d)) * c.d, 1n)
  const whole = polynomial.map((c) => (c.s * c.n * lcm) / c.d)
  const divisor = whole.reduce(gcdOf, 0n) || 1n
  const sign = (whole.at(-1) ?? 1n) < 0n ? -1n : 1n
  return {
    integers: whole.map((c) => c / (divisor * sign)),
    factor: new Fraction(divisor * sign, lcm),
  }
}

export function gcdOf(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (y > 0n) [x, y] = [y, x % y]
  return x
}
