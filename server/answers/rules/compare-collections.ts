import type { Node } from '#server/answers/parse/node.ts'
import { spend } from '#server/answers/work.ts'
import { compareExpressions } from './compare-expressions.ts'
import { allOf, different, equal, type Outcome, open } from './outcome.ts'
import { freeVariables } from './walk.ts'

type Compare = (a: Node, b: Node) => Outcome

/** Sets and comma lists: the same distinct elements. A list that repeats an element against one that does not is open. */
export function compareFinite(
  a: readonly Node[],
  b: readonly Node[],
  loose: boolean,
  compare: Compare,
): Outcome {
  const table = a.map((x) => b.map((y) => compare(x, y)))
  const missing = (row: readonly Outcome[]) => row.every(({ verdict }) => verdict === 'different')
  if (table.some(missing)) return different('an element of one is not in the other')
  const columns = b.map((_, at) => table.map((row) => row[at] ?? open('unparsable')))
  if (columns.some(missing)) return different('an element of one is not in the other')
  const found = (row: readonly Outcome[]) => row.some(({ verdict }) => verdict === 'equal')
  if (table.every(found) && columns.every(found)) {
    if (loose && a.length !== b.length) return open('repeated elements')
    return equal('same elements')
  }
  return (
    tooFewDistinct(a, b, table, compare) ??
    open(table.flat().find(({ verdict }) => verdict === 'undecided')?.rule ?? 'elements')
  )
}

/** Different numbers of certainly distinct elements decide even where single comparisons do not. */
function tooFewDistinct(
  a: readonly Node[],
  b: readonly Node[],
  table: readonly Outcome[][],
  compare: Compare,
): Outcome | undefined {
  if (table.flat().some(({ verdict }) => verdict === 'undecided')) {
    const least = (items: readonly Node[]) => {
      const kept: Node[] = []
      for (const item of items)
        if (kept.every((other) => compare(item, other).verdict === 'different')) kept.push(item)
      return kept.length
    }
    if (least(a) > b.length || least(b) > a.length) return different('different number of elements')
  }
  return undefined
}

/** Components in order. */
export function compareInOrder(a: readonly Node[], b: readonly Node[], compare: Compare): Outcome {
  if (a.length !== b.length) return different('different length')
  return allOf(
    a.map((x, at) => {
      const y = b[at]
      return y ? compare(x, y) : open('unparsable')
    }),
    'different component',
  )
}

/** a, b, …, z: equal if written alike or the same arithmetic progression. */
export function compareSequences(
  a: readonly Node[],
  b: readonly Node[],
  compare: Compare,
): Outcome {
  if (a.length === b.length) {
    const parts = a.map((x, at) => {
      const y = b[at]
      if (x.k === 'dots' || y?.k === 'dots')
        return x.k === y?.k ? equal('ellipsis') : different('ellipsis')
      return y ? compare(x, y) : open('unparsable')
    })
    if (parts.every(({ verdict }) => verdict === 'equal')) return equal('same elements')
  }
  const left = progression(a)
  const right = progression(b)
  if (!left || !right || Boolean(left.last) !== Boolean(right.last)) return open('ellipsis')
  const outcome = allOf(
    [
      compare(left.first, right.first),
      compare(left.step, right.step),
      ...(left.last && right.last ? [compare(left.last, right.last)] : []),
    ],
    'different progression',
  )
  return outcome.verdict === 'equal' ? equal('same progression') : outcome
}

function progression(items: readonly Node[]): { first: Node; step: Node; last?: Node } | undefined {
  const at = items.findIndex(({ k }) => k === 'dots')
  const [first, second] = items
  if (at < 2 || !first || !second || items.length > at + 2) return undefined
  const step: Node = { k: 'add', args: [second, { k: 'neg', a: first }] }
  for (let place = 2; place < at; place++) {
    spend(4)
    const item = items[place]
    const before = items[place - 1]
    if (!item || !before) return undefined
    if (
      compareExpressions({ k: 'add', args: [item, { k: 'neg', a: before }] }, step).verdict !==
      'equal'
    )
      return undefined
  }
  const last = items[at + 1]
  if (
    at === 2 &&
    last &&
    freeVariables(last).size === 0 &&
    compareExpressions(last, first).verdict === 'undecided'
  )
    return undefined
  return last ? { first, step, last } : { first, step }
}
