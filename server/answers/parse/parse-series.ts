import { undecided } from '#server/answers/work.ts'
import { type Cursor, expectChr, isChr, next, peek, take } from './cursor.ts'
import type { Node } from './node.ts'

/** \sum_{k=1}^{n} body: the body is the next product. */
export function parseSeries(c: Cursor, op: 'sum' | 'prod'): Node {
  let index: string | undefined
  let from: Node | undefined
  let to: Node | undefined
  for (let part = 0; part < 2; part++) {
    if (take(c, '_')) {
      if (!take(c, '{')) undecided('sum without bounds')
      const name = next(c)
      if (name.t !== 'chr' && name.t !== 'cmd') undecided('sum without bounds')
      index = name.s
      if (!take(c, '=')) undecided('sum without bounds')
      from = c.grammar.expression(c)
      expectChr(c, '}')
    } else if (isChr(peek(c), '^')) {
      c.at++
      to = c.grammar.argument(c)
    }
  }
  if (index === undefined || !from || !to) return undecided('sum without bounds')
  // Only here is i an index and no imaginary unit.
  const body = index === 'i' || index === 'e' ? withIndex(c, index) : c.grammar.term(c)
  return { k: 'series', op, index, from, to, body }
}

function withIndex(c: Cursor, index: 'i' | 'e'): Node {
  return renamed(c.grammar.term(c), index)
}

function renamed(node: Node, index: 'i' | 'e'): Node {
  if (node.k === index) return { k: 'sym', name: index }
  switch (node.k) {
    case 'add':
    case 'mul':
      return { k: node.k, args: node.args.map((arg) => renamed(arg, index)) }
    case 'call':
      return { ...node, args: node.args.map((arg) => renamed(arg, index)) }
    case 'neg':
    case 'root':
    case 'pm':
      return { ...node, a: renamed(node.a, index) }
    case 'div':
    case 'pow':
      return { ...node, a: renamed(node.a, index), b: renamed(node.b, index) }
    case 'series':
      return node.index === index
        ? node
        : {
            ...node,
            from: renamed(node.from, index),
            to: renamed(node.to, index),
            body: renamed(node.body, index),
          }
    default:
      return node
  }
}
