import { power } from '#server/answers/exact/integer.ts'
import { multiplyRational, type Rational, rational } from '#server/answers/exact/rational.ts'
import { unitOf } from '#server/answers/parse/known-words.ts'
import type { Node } from '#server/answers/parse/node.ts'
import { compareExpressions } from './compare-expressions.ts'
import { different, equal, type Outcome, open } from './outcome.ts'

type Quantity = Extract<Node, { k: 'quantity' }>

/** Numbers with units: the same unit or one of the same kind; against a bare number only where the unit says nothing. */
export function compareQuantities(a: Node, b: Node): Outcome {
  if (a.k !== 'quantity' || b.k !== 'quantity') {
    const [own, bare] = a.k === 'quantity' ? [a, b] : [b, a]
    if (own.k !== 'quantity') return compareExpressions(a, b)
    return own.optional ? compareExpressions(own.value, bare) : open('unit against none')
  }
  if (a.unit === b.unit) return compareExpressions(a.value, b.value)
  const left = measure(a.unit)
  const right = measure(b.unit)
  if (!left || !right) return sameWords(a, b)
  if (left.dimension !== right.dimension) return open('units of different kinds')
  const outcome = compareExpressions(scaled(a, left.factor), scaled(b, right.factor))
  if (left.factor.n === right.factor.n && left.factor.d === right.factor.d) return outcome
  return outcome.verdict === 'equal'
    ? equal('converted')
    : outcome.verdict === 'different'
      ? different('different units')
      : outcome
}

function scaled({ value }: Quantity, factor: Rational): Node {
  return { k: 'mul', args: [value, { k: 'num', value: factor }] }
}

function sameWords(a: Quantity, b: Quantity): Outcome {
  const plain = (unit: string) => unit.toLowerCase().replace(/\s+/g, ' ').replace(/s\b/g, '')
  return plain(a.unit) === plain(b.unit)
    ? compareExpressions(a.value, b.value)
    : open('units that are not known')
}

/** `km/h`, `square centimeters`, `kg m^2/s^2`, as a dimension and a factor. */
export function measure(text: string): { dimension: string; factor: Rational } | undefined {
  const powers = new Map<string, number>()
  let factor = rational(1n)
  const normal = text
    .replace(/平方/g, 'square ')
    .replace(/立方/g, 'cubic ')
    .replace(/\bper\b|每/g, '/')
    .replace(/[·*]/g, ' ')
    .replace(/\bsq\.?\s/gi, 'square ')
    .replace(/\bcu\.?\s/gi, 'cubic ')
  let sign = 1
  for (const part of normal.split(/(\/)/)) {
    if (part === '/') {
      sign = -1
      continue
    }
    let raise = 1
    for (const word of part.trim().split(/\s+/).filter(Boolean)) {
      const low = word.toLowerCase()
      if (low === 'square' || low === 'cubic') {
        raise = low === 'square' ? 2 : 3
        continue
      }
      const [, name = '', own] =
        /^(.+?)(?:\^?\{?(-?[1-4])\}?)?$/.exec(word.replace(/²/, '2').replace(/³/, '3')) ?? []
      const later = /^(squared|cubed)$/i.test(word)
      if (later) return undefined
      const unit = unitOf(name)
      if (!unit) return undefined
      const exponent = sign * raise * Number(own ?? 1)
      raise = 1
      const worth = rational(unit[1], unit[2] ?? 1n)
      const size = Math.abs(exponent)
      const scale = rational(power(worth.n, size), power(worth.d, size))
      factor = multiplyRational(factor, exponent > 0 ? scale : rational(scale.d, scale.n))
      for (const base of unit[0].split(' ')) {
        const [, symbol = base, degree] = /^([A-Za-z]+?)(-?\d)?$/.exec(base) ?? []
        powers.set(symbol, (powers.get(symbol) ?? 0) + exponent * Number(degree ?? 1))
      }
    }
  }
  const dimension = [...powers]
    .filter(([, exponent]) => exponent !== 0)
    .sort()
    .map(([symbol, exponent]) => `${symbol}${exponent}`)
    .join(' ')
  return { dimension, factor }
}
