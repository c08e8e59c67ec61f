import Fraction from 'fraction.js'
import { fractionTex } from '#server/lab/demo-engine/algebra/print-expression.ts'

const denominatorMax = 240n
const tolerance = 1e-9

/** The closed form of a number that was found by iteration: a fraction, a multiple of pi, or the logarithm of a small fraction; undefined where none fits to nine digits. */
export function closedFormTex(value: number): string | undefined {
  if (!Number.isFinite(value) || Math.abs(value) > 1e9) return undefined
  const plain = smallFraction(value)
  if (plain) return fractionTex(plain)
  const pi = smallFraction(value / Math.PI)
  if (pi) return multipleOfPi(pi)
  const power = Math.abs(value) < 15 ? smallFraction(Math.exp(value)) : undefined
  return power ? `\\ln\\left(${fractionTex(power)}\\right)` : undefined
}

function smallFraction(value: number): Fraction | undefined {
  const near = new Fraction(value).simplify(tolerance / 100)
  const close = Math.abs(near.valueOf() - value) <= tolerance * Math.max(1, Math.abs(value))
  return close && near.d <= denominatorMax && near.n <= 1_000_000n ? near : undefined
}

function multipleOfPi(factor: Fraction): string {
  const sign = factor.s < 0n ? '-' : ''
  const top = factor.n === 1n ? '\\pi' : `${factor.n}\\pi`
  return factor.d === 1n ? `${sign}${top}` : `${sign}\\frac{${top}}{${factor.d}}`
}
