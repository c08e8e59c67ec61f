import { atomOf } from './exact/atom.ts'
import { constantOf } from './exact/key.ts'
import { compareRational, type Rational, rational } from './exact/rational.ts'
import type { Factor, Fraction, Polynomial, Term } from './exact/term.ts'
import { undecided } from './work.ts'

const termsMax = 40
const digitsMax = 400

/** A canonical form as LaTeX; undecided where it would be longer than what was written. */
export function printFraction(a: Fraction): string {
  const den = constantOf(a.den)
  if (den) return printPolynomial(a.num)
  return `\\frac{${printPolynomial(a.num)}}{${printPolynomial(a.den)}}`
}

function printPolynomial(a: Polynomial): string {
  if (a.size === 0) return '0'
  if (a.size > termsMax) undecided('no normal form')
  const terms = [...a.values()].sort(byDegree)
  let text = ''
  for (const term of terms) {
    const printed = printTerm(term)
    text += text !== '' && !printed.startsWith('-') ? `+${printed}` : printed
  }
  return text
}

function degreeOf(term: Term): number {
  let degree = 0
  for (const { id, exponent } of term.factors)
    if (atomOf(id).kind === 'symbol') degree += Number(exponent.n) / Number(exponent.d)
  return degree
}

function byDegree(a: Term, b: Term): number {
  const order = degreeOf(b) - degreeOf(a)
  if (order !== 0) return order
  const [x, y] = [nameOf(a), nameOf(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

function nameOf(term: Term): string {
  return term.factors
    .map((factor) => printFactor(factor))
    .sort()
    .join('')
}

/** Coefficient, radicals, constants, variables, with negative powers below the line. */
function printTerm({ coefficient, factors }: Term): string {
  const sign = coefficient.n < 0n ? '-' : ''
  const size = rational(coefficient.n < 0n ? -coefficient.n : coefficient.n, coefficient.d)
  if (size.n.toString().length > digitsMax || size.d.toString().length > digitsMax)
    undecided('no normal form')
  const above = factors.filter(({ exponent }) => exponent.n > 0n)
  const below = factors
    .filter(({ exponent }) => exponent.n < 0n)
    .map(({ id, exponent }) => ({ id, exponent: rational(-exponent.n, exponent.d) }))
  const top = joined(size.n, above)
  const bottom = joined(size.d, below)
  return sign + (bottom === '1' ? top : `\\frac{${top}}{${bottom}}`)
}

function joined(number: bigint, factors: readonly Factor[]): string {
  const parts = [...factors].sort((a, b) => rank(a) - rank(b)).map(printFactor)
  if (parts.length === 0) return number.toString()
  const text = parts.reduce(
    (left, right) =>
      left + (/\\[a-zA-Z]+$/.test(left) && /^[a-zA-Z]/.test(right) ? ' ' : '') + right,
  )
  return number === 1n ? text : /^\d/.test(text) ? `${number}\\cdot ${text}` : `${number}${text}`
}

const ranks: Record<string, number> = {
  prime: 0,
  base: 1,
  unity: 5,
  pi: 2,
  exp: 4,
  ln: 3,
  symbol: 6,
  call: 7,
}

function rank({ id }: Factor): number {
  return ranks[atomOf(id).kind] ?? 9
}

function printFactor({ id, exponent }: Factor): string {
  const atom = atomOf(id)
  switch (atom.kind) {
    case 'symbol':
      return raised(symbol(atom.name), exponent)
    case 'pi':
      return raised('\\pi', exponent)
    case 'prime':
      return root(atom.value.toString(), exponent)
    case 'base':
      return root(printFraction(atom.of), exponent)
    case 'unity':
      return compareRational(exponent, rational(1n, 4n)) === 0 ? 'i' : undecided('no normal form')
    case 'ln':
      return raised(`\\ln${bracketed(printFraction(atom.of))}`, exponent)
    case 'exp':
      if (atom.of.length === 0) return raised('e', exponent)
      if (atom.of.some((factor) => atomOf(factor.id).kind === 'unity'))
        return undecided('no normal form')
      return `e^{${printTerm({ coefficient: exponent, factors: atom.of })}}`
    case 'call':
      if (atom.name === 'abs' && atom.args[0])
        return raised(`\\left|${printFraction(atom.args[0])}\\right|`, exponent)
      if (atom.name === 'arctan' && atom.args[0])
        return raised(`\\arctan\\left(${printFraction(atom.args[0])}\\right)`, exponent)
      return undecided('no normal form')
  }
}

function symbol(name: string): string {
  const [head = '', ...rest] = name.split('_')
  const base = head.length > 1 && /^[a-zA-Z]+$/.test(head) ? `\\${head}` : head
  if (/[\s"#]/.test(name)) undecided('no normal form')
  return rest.length > 0 ? `${base}_{${rest.join('')}}` : base
}

function raised(base: string, exponent: Rational): string {
  if (exponent.n === exponent.d) return base
  const power = exponent.d === 1n ? exponent.n.toString() : `${exponent.n}/${exponent.d}`
  return base.startsWith('\\ln') || base.startsWith('\\left')
    ? `\\left(${base}\\right)^{${power}}`
    : `${base}^{${power}}`
}

function root(inner: string, exponent: Rational): string {
  const degree = exponent.d === 2n ? '' : `[${exponent.d}]`
  const power =
    exponent.n === 1n
      ? inner
      : /^\d+$/.test(inner)
        ? (BigInt(inner) ** exponent.n).toString()
        : `\\left(${inner}\\right)^{${exponent.n}}`
  return `\\sqrt${degree}{${power}}`
}

function bracketed(inner: string): string {
  return /^\d+$/.test(inner) ? ` ${inner}` : `\\left(${inner}\\right)`
}
