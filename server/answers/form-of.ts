import { canonical } from './exact/canonical.ts'
import type { Node } from './parse/node.ts'
import { printFraction } from './print-latex.ts'
import { readAnswer } from './rules/read-answer.ts'
import { attempt, undecided } from './work.ts'

/** The normal form of a formula; undecided where there is none but the text itself. */
export function formOf(node: Node): string {
  const { answer } = readAnswer(node)
  switch (answer.is) {
    case 'value':
      return valueForm(answer.node)
    case 'finite': {
      if (answer.thousands) return undecided('list or thousands')
      const items = [...new Set(answer.items.map(valueForm))].sort()
      return answer.loose ? items.join(',\\;') : `\\{${items.join(',\\;')}\\}`
    }
    case 'tuple': {
      const [open, close] = answer.node.open === '<' ? ['\\langle ', '\\rangle'] : ['(', ')']
      return `${open}${answer.node.items.map(valueForm).join(',\\;')}${close}`
    }
    case 'empty':
      return '\\emptyset'
    case 'words':
      return `\\text{${answer.text}}`
    case 'choice':
      return `\\text{${answer.letter}}`
    case 'infinite':
      return answer.sign < 0 ? '-\\infty' : '\\infty'
    default:
      return undecided('no normal form')
  }
}

function valueForm(node: Node): string {
  if (node.k === 'quantity') {
    const value = valueForm(node.value)
    return node.optional ? value : `${value}\\,\\text{${node.unit}}`
  }
  return attempt(() => printFraction(canonical(node))) ?? undecided('no normal form')
}
