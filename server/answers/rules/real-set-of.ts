import { canonical } from '#server/answers/exact/canonical.ts'
import { undecided } from '#server/answers/work.ts'
import type { Answer } from './answer.ts'
import { intervalSet, solutionSet } from './read-relation.ts'
import type { RealSet } from './real-set.ts'
import { pointSet } from './real-set.ts'
import { freeVariables } from './walk.ts'

/** An answer as a set of real numbers, whatever it is written as. */
export function realSetOf(answer: Answer): RealSet {
  switch (answer.is) {
    case 'real':
      if (answer.node.k === 'builder') {
        const { element, condition } = answer.node
        return element.k === 'sym'
          ? solutionSet(condition, element.name)
          : undecided('set with a condition')
      }
      return intervalSet(answer.node) ?? undecided('set of real numbers')
    case 'tuple':
      return intervalSet(answer.node) ?? undecided('set of real numbers')
    case 'inequality': {
      const names = [...freeVariables(answer.node)]
      return names.length === 1 && names[0]
        ? solutionSet(answer.node, names[0])
        : undecided('inequality of several variables')
    }
    case 'empty':
      return []
    case 'finite':
      return pointSet(answer.items.map((item) => canonical(item)))
    default:
      return undecided('set of real numbers')
  }
}
