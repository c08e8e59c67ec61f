import Fraction from 'fraction.js'
import { CannotSolve } from '#server/lab/demo-engine/solve/cannot-solve.ts'
import type { Expression } from './expression.ts'

const bitsMax = 20_000
const factorialMax = 2000

/** The exact rational value, or undefined where it is irrational or a variable has no value. Throws CannotSolve on division by zero and on numbers too large to print. */
export function exactValue(
  expression: Expression,
  values: Record<string, Fraction> = {},
): Fraction | undefined {
  switch (expression.kind) {
    case 'number':
      return expression.value
    case 'symbol':
      return values[expression.name]
    case 'negate':
      return exactValue(expression.of, values)?.neg()
    case 'factorial': {
      const of = exactValue(expression.of, values)
      return of && factorial(of)
    }
    case 'call': {
      const of = exactValue(expression.of, values)
      if (of && expression.name === 'sqrt') return exactRoot(of)
      return of && expression.name === 'abs' ? of.abs() : undefined
    }
    case 'binary': {
      const left = exactValue(expression.left, values)
      const right = exactValue(expression.right, values)
      return left && right && exactOperation(expression.op, left, right)
    }
  }
}

/** One operation on exact numbers; undefined where the result is irrational. */
export function exactOperation(op: string, left: Fraction, right: Fraction): Fraction | undefined {
  switch (op) {
    case '+':
      return left.add(right)
    case '-':
      return left.sub(right)
    case '*':
      return bounded(left.mul(right))
    case '/':
      if (right.n === 0n) throw new CannotSolve('That divides by zero, which has no value.')
      return left.div(right)
    default:
      return exactPower(left, right)
  }
}

function exactPower(base: Fraction, exponent: Fraction): Fraction | undefined {
  if (exponent.d === 2n) {
    const root = exactRoot(base)
    return root && exactPower(root, exponent.mul(2))
  }
  if (exponent.d !== 1n) {
    const power = base.s >= 0n && exponent.d < 20n ? base.pow(exponent) : null
    return power ? bounded(power) : undefined
  }
  if (base.n === 0n && exponent.s < 0n)
    throw new CannotSolve('Zero has no negative powers: that would divide by zero.')
  if (base.n === 0n || (base.n === 1n && base.d === 1n)) {
    if (exponent.n === 0n) return new Fraction(1)
    return base.s < 0n && exponent.n % 2n === 0n ? base.abs() : base
  }
  const bits = Math.max(base.n.toString(2).length, base.d.toString(2).length)
  if (exponent.n * BigInt(bits) > BigInt(bitsMax * 2)) throw tooLarge()
  return bounded(base.pow(exponent))
}

function bounded(value: Fraction): Fraction {
  // A number of 20,000 bits has 6,020 digits; hexadecimal is linear to write, decimal is not.
  if (value.n.toString(16).length > bitsMax / 4) throw tooLarge()
  return value
}

function tooLarge(): CannotSolve {
  return new CannotSolve('That number would have more than 6,000 digits: too many to write down.')
}

function factorial(of: Fraction): Fraction {
  if (of.d !== 1n || of.s < 0n)
    throw new CannotSolve('The factorial is defined for 0, 1, 2, … only.')
  if (of.n > BigInt(factorialMax)) throw tooLarge()
  let product = 1n
  for (let k = 2n; k <= of.n; k += 1n) product *= k
  return new Fraction(product)
}

/** The square root where it is rational. */
export function exactRoot(of: Fraction): Fraction | undefined {
  if (of.s < 0n) return undefined
  const n = integerRoot(of.n)
  const d = integerRoot(of.d)
  return n * n === of.n && d * d === of.d ? new Fraction(n, d) : undefined
}

/** Floor of the square root of a number that is not negative, by Newton's method. */
export function integerRoot(of: bigint): bigint {
  if (of < 2n) return of
  let guess = 1n << BigInt(Math.ceil(of.toString(2).length / 2))
  for (;;) {
    const next = (guess + of / guess) >> 1n
    if (next >= guess) return guess
    guess = next
  }
}

const numericFunctions: Record<string, (x: number) => number> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  sec: (x) => 1 / Math.cos(x),
  csc: (x) => 1 / Math.sin(x),
  cot: (x) => 1 / Math.tan(x),
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  exp: Math.exp,
  log: Math.log,
  log10: Math.log10,
  sqrt: Math.sqrt,
  abs: Math.abs,
}

/** The value in floating point; NaN outside the real domain. */
export function numericValue(expression: Expression, values: Record<string, number> = {}): number {
  switch (expression.kind) {
    case 'number':
      return expression.value.valueOf()
    case 'symbol':
      if (expression.name === 'pi') return Math.PI
      if (expression.name === 'e') return Math.E
      if (expression.name === 'infinity') return Number.POSITIVE_INFINITY
      return values[expression.name] ?? Number.NaN
    case 'negate':
      return -numericValue(expression.of, values)
    case 'factorial': {
      const of = numericValue(expression.of, values)
      return Number.isInteger(of) && of >= 0 && of <= 170
        ? factorial(new Fraction(of)).valueOf()
        : Number.NaN
    }
    case 'call':
      return numericFunctions[expression.name]?.(numericValue(expression.of, values)) ?? Number.NaN
    case 'binary': {
      const left = numericValue(expression.left, values)
      const right = numericValue(expression.right, values)
      if (expression.op === '+') return left + right
      if (expression.op === '-') return left - right
      if (expression.op === '*') return left * right
      return expression.op === '/' ? left / right : left ** right
    }
  }
}
