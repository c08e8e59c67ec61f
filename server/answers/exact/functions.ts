import { evaluateFraction } from '#server/answers/interval/evaluate.ts'
import { rounded, toFixed } from '#server/answers/interval/real.ts'
import { spend, undecided } from '#server/answers/work.ts'
import { absolute } from './absolute.ts'
import { atomId } from './atom.ts'
import { conjugate, imaginaryPart, realPart } from './conjugate.ts'
import { decideZero, isConstant, isReal, signOfConstant } from './decide-zero.ts'
import { binomialValue, doubleFactorial, factorialValue } from './factorial.ts'
import {
  add,
  atomFraction,
  divide,
  fractionOf,
  integerFraction,
  integerPower,
  multiply,
  negate,
  rationalOf,
  scale,
  subtract,
} from './fraction.ts'
import { gcd } from './integer.ts'
import { exponential, logarithm } from './logarithm.ts'
import { rationalPower } from './radical.ts'
import { floorRational, one, rational } from './rational.ts'
import type { Fraction } from './term.ts'
import { cosine, inverseTrigonometric, sine } from './trigonometry.ts'
import { unityId } from './unity.ts'

const half = rational(1n, 2n)

/** A named function of exact arguments. Names are those of LaTeX. */
export function callFunction(name: string, args: readonly Fraction[]): Fraction {
  spend(4)
  const x = args[0] ?? undecided('function without argument')
  const y = args[1]
  switch (name) {
    case 'sin':
      return sine(x)
    case 'cos':
      return cosine(x)
    case 'tan':
      return quotient(sine(x), cosine(x))
    case 'cot':
      return quotient(cosine(x), sine(x))
    case 'sec':
      return quotient(fractionOf(one), cosine(x))
    case 'csc':
      return quotient(fractionOf(one), sine(x))
    case 'sinh':
      return scale(subtract(exponential(x), exponential(negate(x))), half)
    case 'cosh':
      return scale(add(exponential(x), exponential(negate(x))), half)
    case 'tanh':
      return quotient(callFunction('sinh', args), callFunction('cosh', args))
    case 'coth':
      return quotient(callFunction('cosh', args), callFunction('sinh', args))
    case 'sech':
      return quotient(fractionOf(one), callFunction('cosh', args))
    case 'csch':
      return quotient(fractionOf(one), callFunction('sinh', args))
    case 'arcsin':
    case 'arccos':
    case 'arctan':
      return inverseTrigonometric(name, x)
    case 'arsinh':
      return logarithm(add(x, rationalPower(add(integerPower(x, 2), fractionOf(one)), half)))
    case 'arcosh':
      return logarithm(add(x, rationalPower(subtract(integerPower(x, 2), fractionOf(one)), half)))
    case 'artanh':
      return scale(logarithm(quotient(add(fractionOf(one), x), subtract(fractionOf(one), x))), half)
    case 'exp':
      return exponential(x)
    case 'ln':
      return logarithm(x)
    case 'log':
      return y ? quotient(logarithm(x), logarithm(y)) : undecided('base of the logarithm')
    case 'abs':
      return isConstant(x) && signOfConstant(x) === undefined ? complexAbsolute(x) : absolute(x)
    case 'floor':
      return wholePart(x, 'floor')
    case 'ceil':
      return negate(wholePart(negate(x), 'floor'))
    case 'factorial':
      return factorialValue(x)
    case 'doublefactorial':
      return doubleFactorial(x)
    case 'perm':
      return multiply(
        binomialValue(x, y ?? undecided('function without argument')),
        factorialValue(y ?? x),
      )
    case 'binom':
      return binomialValue(x, y ?? undecided('function without argument'))
    case 'gcd':
    case 'lcm':
      return integersOnly(name, args)
    case 'max':
    case 'min':
      return extreme(name, args)
    case 'mod':
      return modulo(x, y ?? undecided('function without argument'))
    case 'conj':
      return conjugate(x)
    case 'Re':
      return realPart(x)
    case 'Im':
      return imaginaryPart(x, unityId())
    case 'sgn': {
      const sign = signOfConstant(x)
      return sign === undefined ? opaque(name, args) : integerFraction(sign)
    }
    default:
      return opaque(name, args)
  }
}

function opaque(name: string, args: readonly Fraction[]): Fraction {
  return atomFraction(atomId({ kind: 'call', name, args }))
}

function quotient(a: Fraction, b: Fraction): Fraction {
  if (decideZero(b) === 'zero') undecided('division by zero')
  return divide(a, b)
}

function complexAbsolute(x: Fraction): Fraction {
  return rationalPower(multiply(x, conjugate(x)), half)
}

/** The floor of a real constant, by exact arithmetic or by bounds that meet in one integer. */
function wholePart(x: Fraction, name: string): Fraction {
  const value = rationalOf(x)
  if (value) return integerFraction(floorRational(value))
  if (!isConstant(x) || !isReal(x)) return opaque(name, [x])
  for (let bits = 80; bits < 3000; bits *= 2) {
    const box = evaluateFraction(x, bits)
    if (!box) continue
    const { lo, hi } = toFixed(rounded(box.re, bits), 0)
    const exact = toFixed(box.re, 4)
    const low = exact.lo >> 4n
    if (low === exact.hi >> 4n) return integerFraction(low)
    if (hi - lo <= 2n && decideZero(subtract(x, integerFraction(exact.hi >> 4n))) === 'zero')
      return integerFraction(exact.hi >> 4n)
  }
  return undecided('floor')
}

function integersOnly(name: 'gcd' | 'lcm', args: readonly Fraction[]): Fraction {
  let result: bigint | undefined
  for (const arg of args) {
    const value = rationalOf(arg)
    if (!value && !isConstant(arg)) return opaque(name, args)
    if (value?.d !== 1n) return undecided(`${name} of numbers that are no integers`)
    const size = value.n < 0n ? -value.n : value.n
    if (result === undefined) result = size
    else {
      const shared = gcd(result, size)
      result = name === 'gcd' ? shared : shared === 0n ? 0n : (result / shared) * size
    }
  }
  return integerFraction(result ?? undecided('function without argument'))
}

function extreme(name: 'max' | 'min', args: readonly Fraction[]): Fraction {
  let best = args[0] ?? undecided('function without argument')
  for (const arg of args.slice(1)) {
    const difference = subtract(arg, best)
    if (!isConstant(difference)) return opaque(name, args)
    const sign = signOfConstant(difference) ?? undecided('order')
    if (name === 'max' ? sign > 0 : sign < 0) best = arg
  }
  return best
}

function modulo(a: Fraction, b: Fraction): Fraction {
  if (decideZero(b) === 'zero') undecided('division by zero')
  const ratio = divide(a, b)
  if (!isConstant(ratio)) return opaque('mod', [a, b])
  return subtract(a, multiply(b, wholePart(ratio, 'floor')))
}
