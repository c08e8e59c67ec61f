import Fraction from 'fraction.js'
import nerdamer from 'nerdamer-prime/all'
import { type Expression, parseExpression } from '#server/lab/demo-engine/algebra/expression.ts'
import {
  multiply,
  type Polynomial,
  polynomialExpression,
  polynomialOf,
  primitive,
  valueAt,
} from '#server/lab/demo-engine/algebra/polynomial.ts'
import {
  expressionInfix,
  expressionTex,
  fractionTex,
} from '#server/lab/demo-engine/algebra/print-expression.ts'
import { CannotSolve } from './cannot-solve.ts'
import { type Solution, styleOf } from './solution.ts'
import { linearFactor, solveQuadratic } from './solve-quadratic.ts'

/** Polynomial equations of degree three and more, by factoring over the rationals; factors that resist are solved numerically. */
export function solvePolynomial(polynomial: Polynomial, variable: string): Solution {
  const { factors, shown, written } = factorised(polynomial, variable)
  const roots: string[] = []
  const steps: string[] = []
  const checks: string[] = []
  for (const factor of factors) {
    if (factor.length === 2) {
      const root = (factor[0] ?? new Fraction(0)).neg().div(factor[1] ?? new Fraction(1))
      roots.push(`${variable} = ${fractionTex(root)}`)
      steps.push(
        `$${linearFactor(root, variable)} = 0$ gives $${variable} = ${fractionTex(root)}$.`,
      )
      checks.push(
        `At $${variable} = ${fractionTex(root)}$ the polynomial is $${fractionTex(valueAt(polynomial, root))}$.`,
      )
    } else if (factor.length === 3) {
      const quadratic = solveQuadratic(factor, variable, styleOf(0, 0))
      roots.push(quadratic.boxed ?? '')
      steps.push(
        `The factor $${expressionTex(polynomialExpression(factor, variable))}$ is quadratic.`,
        ...quadratic.thinking,
      )
      checks.push(...quadratic.check)
    } else {
      const found = numericRoots(factor)
      const texts = found.map((root) => `${variable} \\approx ${complexTex(root)}`)
      roots.push(...texts)
      steps.push(
        `The factor $${expressionTex(polynomialExpression(factor, variable))}$ does not factor further over the rationals; numerically its roots are ${texts.map((text) => `$${text}$`).join(', ')}.`,
      )
      checks.push(
        `At those values the factor is at most $${residual(factor, found).toExponential(1).replace(/e(.*)/, ' \\cdot 10^{$1}').replace('+', '')}$ in size, which is rounding.`,
      )
    }
  }
  return {
    task: `solve $${shown} = 0$ for $${variable}$`,
    thinking: [`I try to factor: $$${shown} = ${written}.$$`, 'Each factor may be zero.', ...steps],
    check: checks,
    answer: [`The polynomial factors: $$${shown} = ${written} = 0.$$`, ...steps],
    boxed: [...new Set(roots)].join(' \\text{ or } '),
  }
}

/** The factors over the rationals, multiplied out again to be sure. Throws CannotSolve where the library errs. */
export function factorised(
  polynomial: Polynomial,
  variable: string,
): { factors: Polynomial[]; shown: string; written: string } {
  const { integers, factor } = primitive(polynomial)
  const whole = integers.map((value) => new Fraction(value))
  const text = nerdamer(
    `factor(${expressionInfix(polynomialExpression(whole, variable))})`,
  ).toString()
  const all = factorsOf(parseExpression(text)).map((part) => polynomialOf(part, variable))
  const factors: Polynomial[] = []
  let constant = factor
  for (const part of all) {
    if (!part) throw new CannotSolve('I could not factor that polynomial.')
    if (part.length < 2) constant = constant.mul(part[0] ?? new Fraction(1))
    else {
      const split = primitive(part)
      constant = constant.mul(split.factor)
      factors.push(split.integers.map((value) => new Fraction(value)))
    }
  }
  const product = factors.reduce(multiply, [constant])
  if (product.length !== polynomial.length || product.some((c, i) => !c.equals(polynomial[i] ?? 0)))
    throw new CannotSolve('I could not factor that polynomial.')
  factors.sort((a, b) => a.length - b.length)
  const shown = expressionTex(polynomialExpression(polynomial, variable))
  const sign = constant.equals(1) ? '' : constant.equals(-1) ? '-' : fractionTex(constant)
  return { factors, shown, written: `${sign}${powersTex(factors, variable)}` }
}

function powersTex(factors: Polynomial[], variable: string): string {
  const counts = new Map<string, number>()
  for (const factor of factors) {
    const tex = expressionTex(polynomialExpression(factor, variable))
    counts.set(tex, (counts.get(tex) ?? 0) + 1)
  }
  return [...counts]
    .map(([tex, count]) => {
      const base = tex === variable ? tex : `\\left(${tex}\\right)`
      return count === 1 ? base : `${base}^{${count}}`
    })
    .join('')
}

/** A product taken apart, powers repeated. */
function factorsOf(expression: Expression): Expression[] {
  if (expression.kind === 'negate') return [parseExpression('-1'), ...factorsOf(expression.of)]
  if (expression.kind === 'binary' && expression.op === '*')
    return [...factorsOf(expression.left), ...factorsOf(expression.right)]
  if (expression.kind === 'binary' && expression.op === '^' && expression.right.kind === 'number') {
    const { n, d, s } = expression.right.value
    if (d === 1n && s > 0n && n <= 60n)
      return Array.from({ length: Number(n) }, () => factorsOf(expression.left)).flat()
  }
  return [expression]
}

type Complex = { re: number; im: number }

/** All complex roots at once, by the method of Durand and Kerner. */
function numericRoots(polynomial: Polynomial): Complex[] {
  const leading = (polynomial.at(-1) ?? new Fraction(1)).valueOf()
  const monic = polynomial.map((c) => c.valueOf() / leading)
  const size = 1 + Math.max(...monic.slice(0, -1).map(Math.abs))
  let roots: Complex[] = monic.slice(1).map((_, i, list) => {
    const angle = (2 * Math.PI * i) / list.length + 0.4
    return { re: Math.min(size, 2) * Math.cos(angle), im: Math.min(size, 2) * Math.sin(angle) }
  })
  for (let round = 0; round < 500; round += 1) {
    roots = roots.map((root, i) => {
      const others = roots.filter((_, j) => j !== i)
      const product = others.reduce((p, other) => times(p, minus(root, other)), { re: 1, im: 0 })
      return minus(root, over(evaluate(monic, root), product))
    })
  }
  return roots
    .map(({ re, im }) => ({ re, im: Math.abs(im) < 1e-9 * size ? 0 : im }))
    .sort((a, b) => Math.abs(a.im) - Math.abs(b.im) || a.re - b.re || b.im - a.im)
}

function residual(polynomial: Polynomial, roots: Complex[]): number {
  const values = roots.map((root) =>
    evaluate(
      polynomial.map((c) => c.valueOf()),
      root,
    ),
  )
  return Math.max(...values.map(({ re, im }) => Math.hypot(re, im)))
}

function evaluate(polynomial: number[], at: Complex): Complex {
  return polynomial.reduceRight(
    (sum, c) => {
      const product = times(sum, at)
      return { re: product.re + c, im: product.im }
    },
    { re: 0, im: 0 },
  )
}

function times(a: Complex, b: Complex): Complex {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re }
}

function minus(a: Complex, b: Complex): Complex {
  return { re: a.re - b.re, im: a.im - b.im }
}

function over(a: Complex, b: Complex): Complex {
  const size = b.re * b.re + b.im * b.im
  const top = times(a, { re: b.re, im: -b.im })
  return { re: top.re / size, im: top.im / size }
}

function complexTex({ re, im }: Complex): string {
  const real = re.toFixed(6)
  if (im === 0) return real
  return `${real} ${im < 0 ? '-' : '+'} ${Math.abs(im).toFixed(6)}i`
}
