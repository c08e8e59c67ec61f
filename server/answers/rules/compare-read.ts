import type { Node } from '#server/answers/parse/node.ts'
import { attempt } from '#server/answers/work.ts'
import type { Answer, NamedAnswer } from './answer.ts'
import { compareFinite, compareInOrder, compareSequences } from './compare-collections.ts'
import { compareExpressions } from './compare-expressions.ts'
import { compareFamilies } from './compare-families.ts'
import { compareMixed } from './compare-mixed.ts'
import { compareQuantities } from './compare-quantities.ts'
import { compareRelations } from './compare-relations.ts'
import { compareClocks, compareDates, compareWords } from './compare-words.ts'
import { allOf, different, equal, type Outcome, open } from './outcome.ts'
import { readAnswer } from './read-answer.ts'
import { sameRealSet } from './real-set.ts'
import { realSetOf } from './real-set-of.ts'
import { freeVariables, replaceSymbol } from './walk.ts'

/** Two formulas as parts of answers: elements of a set, components of a vector. */
export function compareNodes(a: Node, b: Node): Outcome {
  return compareNamed(readAnswer(a), readAnswer(b))
}

export function compareNamed(a: NamedAnswer, b: NamedAnswer): Outcome {
  if (a.name !== undefined && b.name !== undefined)
    return a.name === b.name ? compareSameName(a, b) : compareOtherNames(a, b)
  if (a.name === undefined && b.name === undefined) return compareBare(a.answer, b.answer)
  const [named, bare] = a.name !== undefined ? [a, b] : [b, a]
  return compareNameAgainstNone(named, bare.answer)
}

function compareSameName(a: NamedAnswer, b: NamedAnswer): Outcome {
  const [x] = a.parameters ?? []
  const [y] = b.parameters ?? []
  if (!x || !y || x === y || a.answer.is !== 'value' || b.answer.is !== 'value')
    return compareBare(a.answer, b.answer)
  // The argument of a function may have any name.
  if (a.parameters?.length !== 1 || b.parameters?.length !== 1) return open('different variables')
  const name: Node = { k: 'sym', name: '#argument' }
  return compareBare(
    { is: 'value', node: replaceSymbol(a.answer.node, x, name) },
    { is: 'value', node: replaceSymbol(b.answer.node, y, name) },
  )
}

function compareOtherNames(a: NamedAnswer, b: NamedAnswer): Outcome {
  if (
    a.relation &&
    b.relation &&
    hasVariables(a.answer) &&
    hasVariables(b.answer) &&
    !a.parameters &&
    !b.parameters
  ) {
    const outcome = compareRelations(a.relation, b.relation)
    if (outcome.verdict === 'equal') return outcome
  }
  return open('different variables')
}

function hasVariables(answer: Answer): boolean {
  return answer.is === 'value' && freeVariables(answer.node).size > 0
}

/** x = 5 against 5. A formula in other variables might be the same equation solved for another one. */
function compareNameAgainstNone(named: NamedAnswer, bare: Answer): Outcome {
  if (bare.is === 'relation' || bare.is === 'inequality') {
    if (!named.relation) return open('solutions against an equation')
    if (bare.is === 'inequality' && named.answer.is !== 'value') return open('relation')
    return bare.is === 'relation' ? compareRelations(named.relation, bare.node) : open('relation')
  }
  const outcome = compareBare(named.answer, bare)
  if (outcome.verdict !== 'different' || bare.is !== 'value') return outcome
  const inside = freeVariables(bare.node)
  if (hasVariables(named.answer) && named.name !== undefined && inside.has(named.name))
    return open('different variables')
  if (named.parameters && [...inside].some((name) => !named.parameters?.includes(name)))
    return open('different variables')
  return outcome
}

function compareBare(a: Answer, b: Answer): Outcome {
  if (a.is === 'value' && b.is === 'value') return compareQuantities(a.node, b.node)
  if (a.is === 'finite' && b.is === 'finite') return compareLists(a, b)
  if (a.is === 'tuple' && b.is === 'tuple') return compareTuples(a, b)
  if (a.is === 'sequence' && b.is === 'sequence')
    return compareSequences(a.items, b.items, compareNodes)
  if (a.is === 'matrix' && b.is === 'matrix') return compareMatrices(a.node, b.node)
  if (a.is === 'cases' && b.is === 'cases') return compareCases(a.node, b.node)
  if (a.is === 'family' && b.is === 'family') return compareFamilies(a, b)
  if (a.is === 'words' && b.is === 'words') return compareWords(a.text, b.text)
  if (a.is === 'choice' && b.is === 'choice')
    return a.letter === b.letter ? equal('same choice') : different('different choice')
  if (a.is === 'clock' && b.is === 'clock') return compareClocks(a.node, b.node)
  if (a.is === 'date' && b.is === 'date') return compareDates(a.key, b.key)
  if (a.is === 'ratio' && b.is === 'ratio') return compareRatios(a.parts, b.parts)
  if (a.is === 'empty' && b.is === 'empty') return equal('empty set')
  if (a.is === 'infinite' && b.is === 'infinite')
    return a.sign === b.sign ? equal('infinity') : different('sign of infinity')
  if (a.is === 'congruence' && b.is === 'congruence') return compareCongruences(a, b)
  if (a.is === 'space' && b.is === 'space') {
    if (a.name === b.name && a.rest === b.rest) return equal('same set of numbers')
    return a.rest === b.rest && a.name !== b.name && a.rest === ''
      ? different('different sets of numbers')
      : open('sets of numbers')
  }
  if (
    (a.is === 'relation' || a.is === 'inequality') &&
    (b.is === 'relation' || b.is === 'inequality')
  )
    return compareRelations(a.node, b.node)
  if (a.is === 'real' && b.is === 'real') return compareSets(a, b)
  return compareMixed(a, b, compareNodes)
}

function compareLists(
  a: Extract<Answer, { is: 'finite' }>,
  b: Extract<Answer, { is: 'finite' }>,
): Outcome {
  const loose = a.loose && b.loose
  const outcome = compareFinite(a.items, b.items, loose, compareNodes)
  if (Boolean(a.thousands) === Boolean(b.thousands)) {
    if (!a.thousands || !b.thousands) return outcome
    const asNumbers = compareNodes(a.thousands, b.thousands)
    return asNumbers.verdict === outcome.verdict ? outcome : open('list or thousands')
  }
  // A number is never a list: what holds in both readings is that they differ.
  return outcome.verdict === 'equal' ? open('list or thousands') : outcome
}

/** (a, b) against (c, d) is the same question for pairs and for intervals. */
function compareTuples(
  a: Extract<Answer, { is: 'tuple' }>,
  b: Extract<Answer, { is: 'tuple' }>,
): Outcome {
  const outcome = compareInOrder(a.node.items, b.node.items, compareNodes)
  if (a.node.open === b.node.open || a.node.items.length > 2 || outcome.verdict !== 'equal')
    return outcome
  return open('pair, interval or vector')
}

function compareMatrices(a: Node, b: Node): Outcome {
  if (a.k !== 'matrix' || b.k !== 'matrix') return open('matrix')
  if (a.rows.length !== b.rows.length) return different('different size')
  return allOf(
    a.rows.map((row, at) => compareInOrder(row, b.rows[at] ?? [], compareNodes)),
    'different entry',
  )
}

function compareCases(a: Node, b: Node): Outcome {
  if (a.k !== 'cases' || b.k !== 'cases') return open('cases')
  const same = (x: readonly Node[], y: readonly Node[]) =>
    x.length === y.length &&
    x.every((part, at) => y[at] !== undefined && compareNodes(part, y[at]).verdict === 'equal')
  const matched =
    a.rows.length === b.rows.length &&
    a.rows.every((row) => b.rows.some((other) => same(row, other)))
  return matched ? equal('same cases') : open('cases')
}

function compareRatios(a: readonly Node[], b: readonly Node[]): Outcome {
  const [x] = a
  const [y] = b
  if (a.length !== b.length || !x || !y) return different('different ratio')
  return allOf(
    a.slice(1).map((part, at) => {
      const other = b[at + 1]
      return other
        ? compareExpressions({ k: 'mul', args: [part, y] }, { k: 'mul', args: [other, x] })
        : open('ratio')
    }),
    'different ratio',
  )
}

function compareCongruences(
  a: Extract<Answer, { is: 'congruence' }>,
  b: Extract<Answer, { is: 'congruence' }>,
): Outcome {
  if (Boolean(a.left) !== Boolean(b.left)) return open('congruence')
  if (a.left && b.left && compareExpressions(a.left, b.left).verdict !== 'equal')
    return open('different variables')
  const modulus = compareExpressions(a.modulus, b.modulus)
  if (modulus.verdict !== 'equal')
    return modulus.verdict === 'different' ? open('different moduli') : modulus
  const rest: Node = {
    k: 'call',
    name: 'mod',
    args: [{ k: 'add', args: [a.residue, { k: 'neg', a: b.residue }] }, a.modulus],
  }
  const outcome = compareExpressions(rest, { k: 'num', value: { n: 0n, d: 1n } })
  return outcome.verdict === 'equal' ? equal('same residue class') : outcome
}

function compareSets(a: Answer, b: Answer): Outcome {
  const same = attempt(() => sameRealSet(realSetOf(a), realSetOf(b)))
  if (same === undefined) return open('set of real numbers')
  return same ? equal('same set of real numbers') : different('different sets of real numbers')
}
