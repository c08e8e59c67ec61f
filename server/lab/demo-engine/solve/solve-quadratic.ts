import Fraction from 'fraction.js'
import { exactRoot, integerRoot } from '#server/lab/demo-engine/algebra/evaluate.ts'
import {
  gcdOf,
  polynomialExpression,
  primitive,
  valueAt,
} from '#server/lab/demo-engine/algebra/polynomial.ts'
import { expressionTex, fractionTex } from '#server/lab/demo-engine/algebra/print-expression.ts'
import type { Solution, Style } from './solution.ts'

/** The roots `(top ± outside * sqrt(inside)) / bottom`; inside is free of squares, -1 among them for complex ones. */
type Roots = { top: bigint; outside: bigint; inside: bigint; bottom: bigint }

/** All roots of a quadratic with exact coefficients, by factoring, completing the square or the formula. */
export function solveQuadratic(polynomial: Fraction[], variable: string, style: Style): Solution {
  const { integers } = primitive(polynomial)
  const [c = 0n, b = 0n, a = 1n] = integers
  const whole = integers.map((coefficient) => new Fraction(coefficient))
  const shown = expressionTex(polynomialExpression(whole, variable))
  const discriminant = b * b - 4n * a * c
  const rational = exactRoot(new Fraction(discriminant))
  const methods = rational ? [byFactoring, byFormula, byCompleting] : [byFormula, byCompleting]
  const method = methods[style.method % methods.length] ?? byFormula
  const facts = { a, b, c, discriminant, shown, variable }
  const answers = rational
    ? rationalRoots(facts, rational).map(fractionTex)
    : [rootTex(simplifiedRoots(facts), '+'), rootTex(simplifiedRoots(facts), '-')]
  const distinct = [...new Set(answers)]
  const given = expressionTex(polynomialExpression(polynomial, variable))
  const scaled = given === shown ? [] : [`With whole coefficients this is $$${shown} = 0.$$`]
  const steps = method(facts)
  return {
    task: `solve the quadratic equation $${given} = 0$ for $${variable}$`,
    thinking: [...scaled, ...steps],
    check: rational
      ? distinct.map((_, i) =>
          substitution(whole, rationalRoots(facts, rational)[i], variable, shown),
        )
      : [byVieta(facts)],
    answer: [...scaled, ...steps, describe(discriminant)],
    boxed: distinct.map((root) => `${variable} = ${root}`).join(' \\text{ or } '),
  }
}

type Facts = {
  a: bigint
  b: bigint
  c: bigint
  discriminant: bigint
  shown: string
  variable: string
}

function rationalRoots({ a, b }: Facts, root: Fraction): Fraction[] {
  const [first, second] = [
    new Fraction(-b).sub(root).div(2n * a),
    new Fraction(-b).add(root).div(2n * a),
  ]
  return first.equals(second) ? [first] : [first, second]
}

/** Takes the largest square out of a number, as far as trial division reaches. */
function squareFree(of: bigint): { outside: bigint; inside: bigint } {
  let inside = of < 0n ? -of : of
  let outside = 1n
  for (let p = 2n; p * p <= inside && p < 100_000n; p += 1n) {
    while (inside % (p * p) === 0n) {
      inside /= p * p
      outside *= p
    }
  }
  const root = integerRoot(inside)
  if (root * root === inside) return { outside: outside * root, inside: of < 0n ? -1n : 1n }
  return { outside, inside: of < 0n ? -inside : inside }
}

function simplifiedRoots({ a, b, discriminant }: Facts): Roots {
  const { outside, inside } = squareFree(discriminant)
  const shared = gcdOf(gcdOf(b, outside), 2n * a)
  return { top: -b / shared, outside: outside / shared, inside, bottom: (2n * a) / shared }
}

function surdTex(outside: bigint, inside: bigint): string {
  const size = inside < 0n ? -inside : inside
  const surd = size === 1n ? '' : `\\sqrt{${size}}`
  const unit = inside < 0n ? `${surd}${surd ? '\\,' : ''}i` : surd
  return outside === 1n && unit ? unit : `${outside}${unit}`
}

function rootTex({ top, outside, inside, bottom }: Roots, sign: '+' | '-' | '\\pm'): string {
  const surd = surdTex(outside, inside)
  const sum = top === 0n ? `${sign === '+' ? '' : sign}${surd}` : `${top} ${sign} ${surd}`
  return bottom === 1n ? sum.trim() : `\\frac{${sum.trim()}}{${bottom}}`
}

function byFormula(facts: Facts): string[] {
  const { a, b, c, discriminant, variable } = facts
  const roots = simplifiedRoots(facts)
  return [
    `In the quadratic formula $${variable} = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$ we have $a = ${a}$, $b = ${b}$, $c = ${c}$.`,
    `The discriminant is $$\\Delta = b^2 - 4ac = (${b})^2 - 4 \\cdot (${a}) \\cdot (${c}) = ${discriminant}.$$`,
    `Hence $$${variable} = \\frac{${-b} \\pm \\sqrt{${discriminant}}}{${2n * a}} = ${rootTex(roots, '\\pm')}.$$`,
  ]
}

function byFactoring(facts: Facts): string[] {
  const { a, b, c, discriminant, shown, variable } = facts
  const root = integerRoot(discriminant)
  const [p, q] = [(b - root) / 2n, (b + root) / 2n]
  const factors = rationalRoots(facts, new Fraction(root))
  const written = (factors.length === 1 ? [...factors, ...factors] : factors).map((x) =>
    linearFactor(x, variable),
  )
  return [
    `I look for two numbers with product $a c = ${a * c}$ and sum $b = ${b}$: they are $${p}$ and $${q}$, since $(${p}) \\cdot (${q}) = ${p * q}$ and $(${p}) + (${q}) = ${p + q}$.`,
    `So the left side factors: $$${shown} = ${written.join('')} = 0.$$`,
    `A product is zero exactly when one of its factors is: ${factors.map((x) => `$${variable} = ${fractionTex(x)}$`).join(' or ')}.`,
  ]
}

/** The factor q x - p that vanishes at p/q. */
export function linearFactor(root: Fraction, variable: string): string {
  const factor = polynomialExpression([root.neg().mul(root.d), new Fraction(root.d)], variable)
  const tex = expressionTex(factor)
  return root.n === 0n ? tex : `\\left(${tex}\\right)`
}

function byCompleting(facts: Facts): string[] {
  const { a, b, c, discriminant, variable } = facts
  const half = new Fraction(b, 2n * a)
  const right = new Fraction(discriminant, 4n * a * a)
  const monic = [new Fraction(c, a), new Fraction(b, a), new Fraction(1)]
  const inner = expressionTex(polynomialExpression([half, new Fraction(1)], variable))
  const left = half.n === 0n ? `${variable}^{2}` : `\\left(${inner}\\right)^{2}`
  return [
    `I complete the square. Dividing by $${a}$: $$${expressionTex(polynomialExpression(monic, variable))} = 0.$$`,
    `Half of the linear coefficient is $${fractionTex(half)}$, its square $${fractionTex(half.mul(half))}$, so $$${left} = ${fractionTex(half.mul(half))} - \\left(${fractionTex(new Fraction(c, a))}\\right) = ${fractionTex(right)}.$$`,
    `Taking square roots on both sides, $$${variable} = ${rootTex(simplifiedRoots(facts), '\\pm')}.$$`,
  ]
}

function substitution(
  polynomial: Fraction[],
  root: Fraction | undefined,
  variable: string,
  shown: string,
): string {
  if (!root) return ''
  const terms = polynomial
    .map((c, degree) => valueAt([...Array(degree).fill(new Fraction(0)), c], root))
    .reverse()
  const sum = terms.map((term) => `(${fractionTex(term)})`).join(' + ')
  return `For $${variable} = ${fractionTex(root)}$: $${shown} = ${sum} = ${fractionTex(valueAt(polynomial, root))}$, as it should be.`
}

/** Sum and product of the roots, recomputed from the simplified form, against -b/a and c/a. */
function byVieta(facts: Facts): string {
  const { a, b, c } = facts
  const { top, outside, inside, bottom } = simplifiedRoots(facts)
  const sum = new Fraction(2n * top, bottom)
  const product = new Fraction(top * top - outside * outside * inside, bottom * bottom)
  return `The sum of both roots is $${fractionTex(sum)}$ and must be $-\\frac{b}{a} = ${fractionTex(new Fraction(-b, a))}$; their product is $${fractionTex(product)}$ and must be $\\frac{c}{a} = ${fractionTex(new Fraction(c, a))}$. Both agree.`
}

function describe(discriminant: bigint): string {
  if (discriminant > 0n) return 'The discriminant is positive: there are two real solutions.'
  if (discriminant === 0n)
    return 'The discriminant is zero: there is one real solution, a double one.'
  return 'The discriminant is negative: there is no real solution, but two complex ones.'
}
