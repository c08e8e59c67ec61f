import { canonical } from '#server/answers/exact/canonical.ts'
import type { Node } from '#server/answers/parse/node.ts'
import { undecided } from '#server/answers/work.ts'
import {
  allReals,
  intersection,
  isEmptyPiece,
  pointSet,
  type RealSet,
  union,
  without,
} from './real-set.ts'
import { solveInequality } from './solve-inequality.ts'
import { freeVariables } from './walk.ts'

const flipped: Record<string, string> = {
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
  '=': '=',
  '!=': '!=',
}

/** A set of reals that is written as one: intervals, ℝ, unions, what is left out. */
export function intervalSet(node: Node): RealSet | undefined {
  switch (node.k) {
    case 'bracket': {
      const [lo, hi] = node.items
      if (node.items.length !== 2 || !lo || !hi || node.open === '<') return undefined
      const piece = {
        lo: endOf(lo, -1),
        hi: endOf(hi, 1),
        loClosed: node.open === '[' && !isInfinite(lo),
        hiClosed: node.close === ']' && !isInfinite(hi),
      }
      return isEmptyPiece(piece) ? [] : [piece]
    }
    case 'space':
      if (node.name !== 'R') return undefined
      return node.rest ? spaceWithSign(node.rest) : allReals
    case 'empty':
      return []
    case 'set':
      return pointSet(node.items.map((item) => canonical(item)))
    case 'union':
      return node.args.map(mustBeSet).reduce(union)
    case 'intersection':
      return node.args.map(mustBeSet).reduce(intersection)
    case 'setminus': {
      const [whole, taken] = node.args.map(mustBeSet)
      return whole && taken && without(whole, taken)
    }
    default:
      return undefined
  }
}

function mustBeSet(node: Node): RealSet {
  return intervalSet(node) ?? undecided('not a set of real numbers')
}

function spaceWithSign(rest: string): RealSet | undefined {
  const nought = canonical({ k: 'num', value: { n: 0n, d: 1n } })
  if (rest === '+') return [{ lo: nought, hi: undefined, loClosed: false, hiClosed: false }]
  if (rest === '-') return [{ lo: undefined, hi: nought, loClosed: false, hiClosed: false }]
  return undefined
}

export function isInfinite(node: Node): boolean {
  return (
    node.k === 'inf' ||
    (node.k === 'neg' && node.a.k === 'inf') ||
    (node.k === 'add' && node.args.length === 1 && node.args[0]?.k === 'inf')
  )
}

function endOf(node: Node, side: 1 | -1) {
  if (!isInfinite(node)) return canonical(node)
  if ((node.k === 'neg') !== side < 0) undecided('interval with its ends exchanged')
  return undefined
}

/** The real solutions of inequalities of one variable, chains, "and" and "or" included. */
export function solutionSet(node: Node, variable: string): RealSet {
  switch (node.k) {
    case 'and':
    case 'list':
      return (node.k === 'and' ? node.args : node.items)
        .map((part) => solutionSet(part, variable))
        .reduce(intersection)
    case 'or':
      return node.args.map((part) => solutionSet(part, variable)).reduce(union)
    case 'rel': {
      let set: RealSet = allReals
      for (const [at, op] of node.ops.entries()) {
        const left = node.args[at] ?? undecided('unparsable')
        const right = node.args[at + 1] ?? undecided('unparsable')
        set = intersection(set, solved(left, op, right, variable))
      }
      return set
    }
    default:
      return undecided('not an inequality')
  }
}

function solved(left: Node, op: string, right: Node, variable: string): RealSet {
  if (op === 'in' || op === 'notin') {
    if (left.k !== 'sym' || left.name !== variable) undecided('membership')
    const set = intervalSet(right) ?? undecided('not a set of real numbers')
    return op === 'in' ? set : without(allReals, set)
  }
  if (!Object.hasOwn(flipped, op)) undecided('relation')
  if (isAbsolute(right)) return solved(right, flipped[op] ?? op, left, variable)
  if (
    isAbsolute(left) &&
    left.k === 'call' &&
    left.args[0] &&
    freeVariables(right).size === 0 &&
    op !== '=' &&
    op !== '!='
  ) {
    const [inner] = left.args
    const above = solveInequality(inner, op, right, variable)
    const below = solveInequality({ k: 'neg', a: inner }, op, right, variable)
    return op.startsWith('<') ? intersection(above, below) : union(above, below)
  }
  return solveInequality(left, op, right, variable)
}

function isAbsolute(node: Node): boolean {
  return node.k === 'call' && node.name === 'abs'
}
