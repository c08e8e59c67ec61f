import { checkStep, type Step } from './check/check-step.ts'
import { findAssumptions } from './check/find-assumptions.ts'
import { findDisplays } from './check/find-displays.ts'
import { startAtoms } from './exact/atom.ts'
import { cleanText } from './parse/clean-text.ts'
import type { Node } from './parse/node.ts'
import { parseFormula } from './parse/parse-answer.ts'
import { startWork, undecidedRule } from './work.ts'

export type CheckedRelation = {
  /** Where the formula stands in the text, in characters. */
  at: number
  /** The formula as it was written. */
  latex: string
  /** One for each pair of a chain a = b ≤ c. */
  steps: Step[]
}

export type CheckedText = {
  relations: CheckedRelation[]
  /** Names that the text says to be integers or positive; all others are taken for real numbers. */
  assumed: { integers: string[]; positive: string[] }
}

const relationsMax = 200

/**
 * Checks every displayed equality and inequality of a text. *holds* and *fails* are proven; an equation that is there
 * to be solved, and what cannot be read, is *unknown* with the reason. Runs up to some 100 ms for each: in a worker.
 */
export function checkRelations(text: string): CheckedText {
  const assumed = findAssumptions(text)
  const relations: CheckedRelation[] = []
  for (const { at, latex } of findDisplays(text)) {
    if (relations.length >= relationsMax) break
    startWork()
    startAtoms()
    try {
      const steps = relationsIn(parseFormula(cleanText(latex))).flatMap((node) =>
        stepsOf(node, assumed),
      )
      if (steps.length > 0) relations.push({ at, latex, steps })
    } catch (error) {
      const reason = undecidedRule(error)
      if (/[=<>]|\\(?:le|ge|ne|lt|gt)/.test(latex))
        relations.push({ at, latex, steps: [{ verdict: 'unknown', reason }] })
    }
  }
  return { relations, assumed }
}

function relationsIn(node: Node): Extract<Node, { k: 'rel' }>[] {
  if (node.k === 'rel') return [node]
  if (node.k === 'and' || node.k === 'or') return node.args.flatMap(relationsIn)
  return node.k === 'list' ? node.items.flatMap(relationsIn) : []
}

function stepsOf(node: Extract<Node, { k: 'rel' }>, assumed: CheckedText['assumed']): Step[] {
  return node.ops.flatMap((op, at) => {
    const left = node.args[at]
    const right = node.args[at + 1]
    return left && right ? [checkStep(left, op, right, assumed)] : []
  })
}
