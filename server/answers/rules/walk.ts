import type { Rational } from '#server/answers/exact/rational.ts'
import type { Node } from '#server/answers/parse/node.ts'
import { spend } from '#server/answers/work.ts'

/** The formulas directly inside of one. */
export function childrenOf(node: Node): Node[] {
  switch (node.k) {
    case 'add':
    case 'mul':
    case 'call':
    case 'and':
    case 'or':
    case 'union':
    case 'intersection':
    case 'setminus':
    case 'rel':
      return node.args
    case 'neg':
    case 'root':
    case 'pm':
      return [node.a]
    case 'div':
    case 'pow':
      return [node.a, node.b]
    case 'series':
      return [node.from, node.to, node.body]
    case 'bracket':
    case 'set':
    case 'list':
      return node.items
    case 'builder':
      return [node.element, node.condition]
    case 'matrix':
    case 'cases':
      return node.rows.flat()
    case 'mod':
      return [node.a, node.modulus]
    case 'quantity':
      return [node.value]
    case 'ratio':
      return node.parts
    default:
      return []
  }
}

/** The same formula with its direct parts replaced. */
export function mapNode(node: Node, to: (part: Node) => Node): Node {
  spend(1)
  switch (node.k) {
    case 'add':
    case 'mul':
    case 'call':
    case 'and':
    case 'or':
    case 'union':
    case 'intersection':
    case 'setminus':
    case 'rel':
      return { ...node, args: node.args.map(to) }
    case 'neg':
    case 'root':
    case 'pm':
      return { ...node, a: to(node.a) }
    case 'div':
    case 'pow':
      return { ...node, a: to(node.a), b: to(node.b) }
    case 'series':
      return { ...node, from: to(node.from), to: to(node.to), body: to(node.body) }
    case 'bracket':
    case 'set':
    case 'list':
      return { ...node, items: node.items.map(to) }
    case 'quantity':
      return { ...node, value: to(node.value) }
    case 'matrix':
    case 'cases':
      return { ...node, rows: node.rows.map((row) => row.map(to)) }
    default:
      return node
  }
}

export function someNode(node: Node, test: (part: Node) => boolean): boolean {
  spend(1)
  return test(node) || childrenOf(node).some((part) => someNode(part, test))
}

/** Free variables; the index of a sum is bound. */
export function freeVariables(node: Node, found: Set<string> = new Set()): Set<string> {
  spend(1)
  if (node.k === 'sym') found.add(node.name)
  else if (node.k === 'series') {
    freeVariables(node.from, found)
    freeVariables(node.to, found)
    for (const name of freeVariables(node.body)) if (name !== node.index) found.add(name)
  } else for (const part of childrenOf(node)) freeVariables(part, found)
  return found
}

export function replaceSymbol(node: Node, name: string, by: Node): Node {
  if (node.k === 'sym') return node.name === name ? by : node
  if (node.k === 'series' && node.index === name) return node
  return mapNode(node, (part) => replaceSymbol(part, name, by))
}

/** Every decimal of six or more digits moved by a share of half a unit in its last place. */
export function shiftDecimals(node: Node, share: Rational): Node {
  if (node.k !== 'num' || !node.slack) return mapNode(node, (part) => shiftDecimals(part, share))
  const { value, slack } = node
  return {
    k: 'add',
    args: [
      { k: 'num', value },
      {
        k: 'mul',
        args: [
          { k: 'num', value: slack },
          { k: 'num', value: share },
        ],
      },
    ],
  }
}
