import { canonical } from '#server/answers/exact/canonical.ts'
import { compareRational, rational } from '#server/answers/exact/rational.ts'
import type { Node } from '#server/answers/parse/node.ts'
import { attempt } from '#server/answers/work.ts'
import type { Answer } from './answer.ts'
import { different, equal, type Outcome, open } from './outcome.ts'
import { sameRealSet } from './real-set.ts'
import { realSetOf } from './real-set-of.ts'
import { freeVariables } from './walk.ts'

type Compare = (a: Node, b: Node) => Outcome
type Kind = Answer['is']

const places: readonly Kind[] = [
  'value',
  'finite',
  'tuple',
  'real',
  'inequality',
  'empty',
  'infinite',
  'matrix',
  'clock',
  'ratio',
  'space',
  'family',
  'sequence',
  'congruence',
  'relation',
  'cases',
  'words',
  'choice',
  'date',
]

/** Answers of two kinds: different where no reading makes them one thing, else undecided. */
export function compareMixed(a: Answer, b: Answer, compare: Compare): Outcome {
  const [x, y] = places.indexOf(a.is) <= places.indexOf(b.is) ? [a, b] : [b, a]
  switch (x.is) {
    case 'value':
      return againstValue(x.node, y, compare)
    case 'finite':
      return againstFinite(x, y, compare)
    case 'tuple':
      return againstTuple(x, y)
    case 'real':
    case 'inequality':
      if (y.is === 'inequality' || y.is === 'empty') return asSets(x, y)
      if (y.is === 'infinite' || y.is === 'matrix' || y.is === 'clock')
        return x.is === 'real' ? different('different kinds') : open('different kinds')
      return open('different kinds')
    case 'empty':
      return y.is === 'infinite' || y.is === 'matrix' || y.is === 'clock' || y.is === 'space'
        ? different('empty set')
        : open('different kinds')
    case 'infinite':
      return y.is === 'matrix' || y.is === 'clock'
        ? different('different kinds')
        : open('different kinds')
    default:
      return open('different kinds')
  }
}

function againstValue(node: Node, other: Answer, compare: Compare): Outcome {
  // A lone letter may stand for anything.
  if (node.k === 'sym') return open('a symbol against another kind')
  canonical(node.k === 'quantity' ? node.value : node)
  switch (other.is) {
    case 'finite': {
      if (other.thousands) {
        const outcome = compare(node, other.thousands)
        return outcome.verdict === 'different' && !isDecimalOf(node, other.items)
          ? outcome
          : open('list or thousands')
      }
      if (isDecimalOf(node, other.items)) return open('list or decimal comma')
      if (hasTwoElements(other.items, compare)) return different('a number and a set')
      const [only] = other.items
      return only && compare(node, only).verdict === 'different' && other.items.length === 1
        ? open('a number and a set')
        : open('a number and a set')
    }
    case 'tuple':
    case 'matrix':
      return different('a number and a vector')
    case 'empty':
      return different('a number and the empty set')
    case 'infinite':
      return freeVariables(node).size === 0 ? different('a number and infinity') : open('infinity')
    case 'real': {
      const set = attempt(() => realSetOf(other))
      const [piece] = set ?? []
      return piece && !(piece.lo && piece.lo === piece.hi)
        ? different('a number and an interval')
        : open('different kinds')
    }
    case 'space':
      return different('a number and a set')
    case 'clock':
      return clockAgainst(node, other.node)
    case 'family':
      return freeVariables(node).size === 0 ? different('one value and a family') : open('family')
    default:
      return open('different kinds')
  }
}

/** 12:30 is not 12.5; read as a ratio it is 0.4. */
function clockAgainst(node: Node, clock: Extract<Answer, { is: 'clock' }>['node']): Outcome {
  const minutes = clock.minutes % 60
  if (freeVariables(node).size > 0 || clock.seconds !== undefined)
    return open('time against a formula')
  if (node.k === 'num' && minutes !== 0) {
    const hours = Math.floor(clock.minutes / 60)
    const ratio = rational(BigInt(hours), BigInt(minutes))
    if (compareRational(ratio, node.value) !== 0) return different('a time and a number')
  }
  return open('time against a number')
}

function hasTwoElements(items: readonly Node[], compare: Compare): boolean {
  const [first, ...rest] = items
  return first !== undefined && rest.some((item) => compare(first, item).verdict === 'different')
}

/** 1,5 for 1.5. */
function isDecimalOf(node: Node, items: readonly Node[]): boolean {
  const [whole, fraction] = items
  if (
    items.length !== 2 ||
    whole?.k !== 'num' ||
    fraction?.k !== 'num' ||
    node.k !== 'num' ||
    whole.value.d !== 1n ||
    fraction.value.d !== 1n
  )
    return false
  if (node.value.d === 1n || fraction.value.n < 0n) return false
  const shifted = rational(node.value.n, node.value.d)
  return [1n, 10n, 100n, 1000n, 10000n, 100000n, 1000000n].some((unit) => {
    const value = rational(whole.value.n * unit + fraction.value.n, unit)
    return unit > fraction.value.n && compareRational(value, shifted) === 0
  })
}

function againstFinite(
  finite: Extract<Answer, { is: 'finite' }>,
  other: Answer,
  compare: Compare,
): Outcome {
  switch (other.is) {
    case 'tuple':
    case 'matrix':
      return finite.loose ? open('list or vector') : different('a set and a vector')
    case 'empty':
      return different('the empty set')
    case 'infinite':
      return hasTwoElements(finite.items, compare)
        ? different('different kinds')
        : open('different kinds')
    case 'real': {
      const set = attempt(() => realSetOf(other))
      const isWide = set?.some(({ lo, hi }) => !lo || lo !== hi)
      return isWide
        ? finite.loose && other.node.k === 'bracket'
          ? open('list or interval')
          : different('a finite set and an interval')
        : set
          ? asSets(finite, other)
          : open('different kinds')
    }
    case 'inequality':
    case 'relation':
      return open('solutions against a relation')
    case 'space':
      return different('a finite set and an infinite one')
    default:
      return open('different kinds')
  }
}

function againstTuple(tuple: Extract<Answer, { is: 'tuple' }>, other: Answer): Outcome {
  const isPair = tuple.node.items.length === 2 && tuple.node.open === '('
  switch (other.is) {
    case 'real':
    case 'inequality':
    case 'empty': {
      if (!isPair)
        return other.is === 'real' && other.node.k === 'bracket'
          ? open('vector or interval')
          : open('different kinds')
      const outcome = asSets(tuple, other)
      return outcome.verdict === 'equal' ? open('pair or interval') : outcome
    }
    case 'infinite':
    case 'space':
    case 'clock':
      return different('different kinds')
    default:
      return open('different kinds')
  }
}

function asSets(a: Answer, b: Answer): Outcome {
  const same = attempt(() => sameRealSet(realSetOf(a), realSetOf(b)))
  if (same === undefined) return open('set of real numbers')
  return same ? equal('same set of real numbers') : different('different sets of real numbers')
}
