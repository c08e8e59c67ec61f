import { atomOf, isConstantAtom } from '#server/answers/exact/atom.ts'
import { canonical } from '#server/answers/exact/canonical.ts'
import { clearPowers } from '#server/answers/exact/clear-powers.ts'
import { decideZero, signOfConstant } from '#server/answers/exact/decide-zero.ts'
import {
  divide,
  fractionOf,
  multiply,
  polynomialFraction,
  subtract,
} from '#server/answers/exact/fraction.ts'
import { factorsKey } from '#server/answers/exact/key.ts'
import { polynomialOf } from '#server/answers/exact/polynomial.ts'
import { rational } from '#server/answers/exact/rational.ts'
import type { Fraction, Polynomial, Term } from '#server/answers/exact/term.ts'
import type { Node } from '#server/answers/parse/node.ts'
import { attempt } from '#server/answers/work.ts'
import { compareExpressions } from './compare-expressions.ts'
import { allOf, different, equal, type Outcome, open } from './outcome.ts'
import { solutionSet } from './read-relation.ts'
import { sameRealSet } from './real-set.ts'
import { univariateOf } from './solve-inequality.ts'
import { countRealRoots, gcdOf, quotientOf, squareFree, type Univariate } from './univariate.ts'
import { freeVariables } from './walk.ts'

type Simple = { left: Node; op: string; right: Node }

/** Equations, inequalities and systems: equal where their solution sets are. */
export function compareRelations(a: Node, b: Node): Outcome {
  const left = partsOf(a)
  const right = partsOf(b)
  if (!left || !right) return open('relation')
  const names = new Set([...freeVariables(a), ...freeVariables(b)])
  const own = freeVariables(a)
  const others = freeVariables(b)
  if (own.size !== others.size || [...own].some((name) => !others.has(name)))
    return open('different variables')
  const [one] = left
  const [other] = right
  if (left.length === 1 && right.length === 1 && one && other && one.op === '=' && other.op === '=')
    return compareEquations(one, other, [...names].sort())
  if (names.size === 1) {
    const [variable = ''] = names
    const sets = attempt(() => [solutionSet(a, variable), solutionSet(b, variable)] as const)
    const same = sets && attempt(() => sameRealSet(sets[0], sets[1]))
    if (same !== undefined)
      return same ? equal('same solution set') : different('different solution set')
    return open('solution set without an exact form')
  }
  if (left.length === 1 && right.length === 1 && one && other)
    return compareInequalities(one, other)
  return compareSystems(left, right)
}

function partsOf(node: Node): Simple[] | undefined {
  if (node.k === 'and' || node.k === 'list') {
    const parts = (node.k === 'and' ? node.args : node.items).map(partsOf)
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined
  }
  if (node.k === 'cases')
    return node.rows.every((row) => row.length === 1)
      ? partsOf({ k: 'and', args: node.rows.flat() })
      : undefined
  if (node.k === 'or') return node.args.flatMap((part) => partsOf(part) ?? [])
  if (node.k !== 'rel') return undefined
  return node.ops.flatMap((op, at) => {
    const left = node.args[at]
    const right = node.args[at + 1]
    return left && right ? [{ left, op, right }] : []
  })
}

function compareSystems(a: readonly Simple[], b: readonly Simple[]): Outcome {
  if (![...a, ...b].every(({ op, left }) => op === '=' && left.k === 'sym')) {
    const matched =
      a.length === b.length &&
      a.every((one) =>
        b.some(
          (other) =>
            one.op === other.op &&
            compareRelations(relation(one), relation(other)).verdict === 'equal',
        ),
      )
    return matched ? equal('same relations') : open('system')
  }
  const parts: Outcome[] = []
  for (const one of a) {
    const other = b.find(
      ({ left }) => left.k === 'sym' && one.left.k === 'sym' && left.name === one.left.name,
    )
    if (!other) return open('different variables')
    parts.push(compareExpressions(one.right, other.right))
  }
  return a.length === b.length ? allOf(parts, 'different solution') : open('system')
}

function relation({ left, op, right }: Simple): Node {
  return { k: 'rel', ops: [op], args: [left, right] }
}

function compareEquations(a: Simple, b: Simple, names: readonly string[]): Outcome {
  // y = f(x) on both sides is a comparison of two functions, of any kind.
  const explicit = (part: Simple) =>
    part.left.k === 'sym' && !freeVariables(part.right).has(part.left.name)
  if (
    explicit(a) &&
    explicit(b) &&
    a.left.k === 'sym' &&
    b.left.k === 'sym' &&
    a.left.name === b.left.name
  )
    return compareExpressions(a.right, b.right)
  const p = clearPowers(subtract(canonical(a.left), canonical(a.right))).num
  const q = clearPowers(subtract(canonical(b.left), canonical(b.right))).num
  const factor = proportion(p, q)
  if (factor) return equal('same solution set')
  if (names.length === 1 && names[0])
    return compareRoots(univariateOf(p, names[0]), univariateOf(q, names[0]))
  const linear = (poly: Polynomial) =>
    [...poly.values()].every(({ factors }) => {
      const symbols = factors.filter(({ id }) => !isConstantAtom(id))
      return (
        symbols.length === 0 ||
        (symbols.length === 1 &&
          symbols[0]?.exponent.n === 1n &&
          symbols[0].exponent.d === 1n &&
          atomOf(symbols[0].id).kind === 'symbol')
      )
    })
  if (linear(p) && linear(q)) return different('different solution set')
  return compareOnLines(a, b, names)
}

/** Two curves differ where a line meets them in different points. */
function compareOnLines(a: Simple, b: Simple, names: readonly string[]): Outcome {
  for (const variable of names)
    for (let point = 0; point < 4; point++) {
      const values = new Map(
        names
          .filter((name) => name !== variable)
          .map(
            (name, at) =>
              [name, fractionOf(rational(7 * (point + 1) + 3 * at, 5 + 2 * point))] as const,
          ),
      )
      const outcome = attempt(() => {
        const p = clearPowers(subtract(canonical(a.left, values), canonical(a.right, values))).num
        const q = clearPowers(subtract(canonical(b.left, values), canonical(b.right, values))).num
        return compareRoots(univariateOf(p, variable), univariateOf(q, variable))
      })
      if (outcome?.verdict === 'different') return outcome
    }
  return open('solution sets agree on the lines tried')
}

function compareRoots(p: Univariate | undefined, q: Univariate | undefined): Outcome {
  if (!p || !q || p.length === 0 || q.length === 0) return open('equation without polynomials')
  const left = squareFree(p)
  const right = squareFree(q)
  const shared = gcdOf(left, right)
  const [more, less] = [quotientOf(left, shared), quotientOf(right, shared)]
  if (more.length === 1 && less.length === 1) return equal('same roots')
  if (countRealRoots(more) > 0 || countRealRoots(less) > 0) return different('different roots')
  return open('same real roots, different complex ones')
}

function compareInequalities(a: Simple, b: Simple): Outcome {
  const p = directed(a)
  const q = directed(b)
  if (!p || !q) return open('relation')
  const factor = p.op === q.op ? proportion(p.side, q.side) : undefined
  const sign = factor && attempt(() => signOfConstant(factor))
  if (sign === 1) return equal('same solution set')
  if (sign === -1 && p.op === '!=') return equal('same solution set')
  return sign === -1 || p.op !== q.op || !factor
    ? openOrDifferent(p.side, q.side)
    : open('relation')
}

function openOrDifferent(p: Polynomial, q: Polynomial): Outcome {
  const isLinear = (poly: Polynomial) =>
    [...poly.values()].every(
      ({ factors }) =>
        factors.length <= 1 &&
        factors.every(
          ({ id, exponent }) =>
            atomOf(id).kind === 'symbol' && exponent.n === 1n && exponent.d === 1n,
        ),
    )
  return isLinear(p) && isLinear(q)
    ? different('different solution set')
    : open('inequality of several variables')
}

/** side < 0 or side ≤ 0. */
function directed({ left, op, right }: Simple): { side: Polynomial; op: string } | undefined {
  if (!['<', '<=', '>', '>=', '!='].includes(op)) return undefined
  const greater = op.startsWith('>')
  const difference = greater
    ? subtract(canonical(right), canonical(left))
    : subtract(canonical(left), canonical(right))
  if (difference.den.size !== 1 || difference.den.get('')?.coefficient.n !== 1n) return undefined
  return { side: difference.num, op: op.replace('>', '<') }
}

/** The constant c with p = c·q, if there is one. */
function proportion(p: Polynomial, q: Polynomial): Fraction | undefined {
  const left = bySymbols(p)
  const right = bySymbols(q)
  if (left.size !== right.size || left.size === 0) return undefined
  let factor: Fraction | undefined
  for (const [key, value] of left) {
    const other = right.get(key)
    if (!other) return undefined
    if (!factor) factor = divide(value, other)
    else if (decideZero(subtract(value, multiply(factor, other))) !== 'zero') return undefined
  }
  return factor
}

function bySymbols(a: Polynomial): Map<string, Fraction> {
  const groups = new Map<string, Term[]>()
  for (const { coefficient, factors } of a.values()) {
    const key = factorsKey(factors.filter(({ id }) => !isConstantAtom(id)))
    const term = { coefficient, factors: factors.filter(({ id }) => isConstantAtom(id)) }
    const group = groups.get(key)
    if (group) group.push(term)
    else groups.set(key, [term])
  }
  return new Map([...groups].map(([key, terms]) => [key, polynomialFraction(polynomialOf(terms))]))
}
