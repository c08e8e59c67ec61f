import type { Node } from '#server/answers/parse/node.ts'
import { undecided } from '#server/answers/work.ts'
import type { Answer, NamedAnswer } from './answer.ts'
import { isInfinite } from './read-relation.ts'
import { freeVariables, mapNode, someNode } from './walk.ts'

const coordinates = new Set(['x', 'y', 'z', 't', 'theta'])

export function readAnswer(node: Node): NamedAnswer {
  if (node.k === 'rel') return readRelation(node)
  if (node.k === 'or' || (node.k === 'list' && !node.thousands)) {
    const named = namedAlternatives(node)
    if (named) return named
  }
  return { answer: readBare(node) }
}

function readRelation(node: Extract<Node, { k: 'rel' }>): NamedAnswer {
  const [left] = node.args
  const right = node.args.at(-1)
  if (!left || !right) return undecided('unparsable')
  if (node.ops.every((op) => op === '=')) {
    const name =
      nameOf(left) ??
      (nameOf(right) && node.ops.length === 1 && freeVariables(left).size === 0
        ? nameOf(right)
        : undefined)
    const value = nameOf(left) ? right : left
    if (name && !freeVariables(value).has(name.name) && !isCurve(name.name, value)) {
      const parameters = name.parameters ? { parameters: name.parameters } : {}
      return {
        name: name.name,
        ...parameters,
        relation: { k: 'rel', ops: ['='], args: [nameOf(left) ? left : right, value] },
        answer: readBare(value),
      }
    }
  }
  if (node.ops.length === 1 && node.ops[0] === 'in' && left.k === 'sym') {
    if (right.k === 'set') return { name: left.name, relation: node, answer: readBare(right) }
    if (right.k === 'space' && right.name !== 'R')
      return { name: left.name, relation: node, answer: readBare(right) }
  }
  return { answer: readBare(node) }
}

/** y = mx + b describes a curve: its right side alone is another thing. */
function isCurve(name: string, value: Node): boolean {
  const inside = freeVariables(value)
  if (name === 'r' && inside.has('theta')) return true
  return ['x', 'y', 'z'].includes(name) && [...inside].some((other) => coordinates.has(other))
}

/** The name on the left of an equation: x, x_1, f(x), (x, y), AB, \angle A. */
function nameOf(node: Node): { name: string; parameters?: string[] } | undefined {
  if (node.k === 'sym') return { name: node.name }
  if (node.k === 'bracket' && node.open === '(' && node.items.every((item) => item.k === 'sym'))
    return { name: `(${node.items.map((item) => (item.k === 'sym' ? item.name : '')).join(',')})` }
  if (node.k === 'call' && node.name === 'abs' && node.args[0]) {
    const inner = nameOf(node.args[0])
    return inner && inner.name.length > 1 && /^[A-Z]+$/.test(inner.name)
      ? { name: `|${inner.name}|` }
      : undefined
  }
  if (node.k !== 'mul') return undefined
  if (node.args.every((arg) => arg.k === 'sym' && /^[A-Z]$/.test(arg.name)))
    return { name: node.args.map((arg) => (arg.k === 'sym' ? arg.name : '')).join('') }
  const [head, argument] = node.args
  if (node.args.length !== 2 || !head || !argument) return undefined
  const inverse = head.k === 'pow' && head.a.k === 'sym' ? `${head.a.name}^-1` : undefined
  const name = head.k === 'sym' ? head.name : inverse
  if (!name || !/^(?:[fghFGHPQRSTVpqyuvw]['_^\d{}-]*|[A-Za-z]_.*)/.test(name)) return undefined
  if (argument.k === 'sym') return { name, parameters: [argument.name] }
  if (argument.k === 'num') return { name: `${name}(${argument.value.n})` }
  if (argument.k === 'bracket' && argument.items.every((item) => item.k === 'sym'))
    return { name, parameters: argument.items.map((item) => (item.k === 'sym' ? item.name : '')) }
  return undefined
}

/** `x = 1 or x = 2`, `x = 1, 2`: one name for several values. */
function namedAlternatives(node: Extract<Node, { k: 'or' | 'list' }>): NamedAnswer | undefined {
  const items = node.k === 'or' ? node.args : node.items
  const [first] = items
  if (first?.k !== 'rel' || first.ops.length !== 1 || first.ops[0] !== '=') return undefined
  const name = first.args[0]?.k === 'sym' ? first.args[0].name : undefined
  if (!name) return undefined
  const values: Node[] = []
  for (const item of items) {
    if (item.k === 'rel') {
      const [left, right] = item.args
      if (item.ops.length !== 1 || item.ops[0] !== '=' || left?.k !== 'sym' || !right)
        return undefined
      const plain = left.name.replace(/_\{?\d\}?$/, '')
      if (left.name !== name && plain !== name.replace(/_\{?\d\}?$/, '')) return undefined
      values.push(right)
    } else values.push(item)
  }
  if (values.some((value) => freeVariables(value).has(name) || value.k === 'rel')) return undefined
  const plain = name.replace(/_\{?[12]\}?$/, '')
  const others = items.some(
    (item) => item.k === 'rel' && item.args[0]?.k === 'sym' && item.args[0].name !== name,
  )
  return { name: others ? plain : name, answer: readBare({ k: 'list', items: values }) }
}

function readBare(node: Node): Answer {
  switch (node.k) {
    case 'list':
      return readList(node)
    case 'set':
      if (node.items.some(isDots)) return { is: 'sequence', items: node.items, loose: false }
      return { is: 'finite', items: node.items.flatMap(expandSigns), loose: false }
    case 'builder':
      return readBuilder(node)
    case 'or':
      if (node.args.every((arg) => arg.k !== 'rel' && arg.k !== 'and'))
        return { is: 'finite', items: node.args.flatMap(expandSigns), loose: true }
      return { is: 'inequality', node }
    case 'and':
      return relationKind(node)
    case 'rel':
      return relationKind(node)
    case 'bracket':
      return readBracket(node)
    case 'union':
    case 'intersection':
    case 'setminus':
      if (node.args.every((arg) => arg.k === 'set')) return finiteOperation(node.k, node.args)
      return { is: 'real', node }
    case 'space':
      return node.name === 'R' && (!node.rest || node.rest === '+' || node.rest === '-')
        ? { is: 'real', node }
        : { is: 'space', name: node.name, rest: node.rest ?? '' }
    case 'empty':
      return { is: 'empty' }
    case 'matrix':
      return node.det ? { is: 'value', node: determinant(node.rows) } : { is: 'matrix', node }
    case 'cases':
      return node.rows.every((row) => row.length === 1)
        ? relationKind({ k: 'and', args: node.rows.flat() })
        : { is: 'cases', node }
    case 'mod': {
      if (node.a.k === 'rel') {
        const [left, residue] = node.a.args
        return left && residue && node.a.args.length === 2
          ? { is: 'congruence', left, residue, modulus: node.modulus }
          : undecided('congruence')
      }
      return { is: 'congruence', residue: node.a, modulus: node.modulus }
    }
    case 'words':
      return { is: 'words', text: node.text }
    case 'choice':
      return node.rest
        ? { is: 'choice', letter: node.letter, rest: node.rest }
        : { is: 'choice', letter: node.letter }
    case 'clock':
      return { is: 'clock', node }
    case 'ratio':
      return { is: 'ratio', parts: node.parts }
    case 'date':
      return { is: 'date', key: node.key }
    default:
      if (isInfinite(node)) return { is: 'infinite', sign: node.k === 'neg' ? -1 : 1 }
      if (someNode(node, (part) => part.k === 'pm'))
        return { is: 'finite', items: expandSigns(node), loose: false }
      return { is: 'value', node }
  }
}

function relationKind(node: Node): Answer {
  const isSystem = someNode(node, (part) => part.k === 'rel' && part.ops.includes('='))
  return { is: isSystem ? 'relation' : 'inequality', node }
}

function isDots(node: Node): boolean {
  return node.k === 'dots'
}

function readList(node: Extract<Node, { k: 'list' }>): Answer {
  const { items } = node
  if (items.some(isDots)) return { is: 'sequence', items, loose: true }
  const last = items.at(-1)
  if (last && isIntegerCondition(last) && last.k === 'rel' && last.args[0]?.k === 'sym')
    return {
      is: 'family',
      bodies: items.slice(0, -1).map(withoutName).flatMap(expandSigns),
      index: last.args[0].name,
    }
  if (items.every((item) => item.k === 'rel')) {
    const isPlain = items.every((item) => item.k === 'rel' && item.ops.every((op) => op !== '='))
    const joined = items.some(
      (item) => item.k === 'rel' && item.ops.some((op) => op === '!=' || op === 'in'),
    )
    if (isPlain && !joined) return undecided('comma between inequalities')
    return relationKind({ k: 'and', args: items })
  }
  if (items.some((item) => item.k === 'rel')) return undecided('values beside relations')
  const thousands: { thousands?: Node } = node.thousands
    ? { thousands: { k: 'num', value: node.thousands } }
    : {}
  return { is: 'finite', items: items.flatMap(expandSigns), loose: true, ...thousands }
}

function withoutName(node: Node): Node {
  return node.k === 'rel' && node.ops.length === 1 && node.ops[0] === '=' && node.args[1]
    ? node.args[1]
    : node
}

function isIntegerCondition(node: Node): boolean {
  return (
    node.k === 'rel' &&
    node.ops.length === 1 &&
    node.ops[0] === 'in' &&
    node.args[1]?.k === 'space' &&
    node.args[1].name === 'Z' &&
    !node.args[1].rest
  )
}

function readBuilder({ element, condition }: Extract<Node, { k: 'builder' }>): Answer {
  if (isIntegerCondition(condition) && condition.k === 'rel' && condition.args[0]?.k === 'sym')
    return { is: 'family', bodies: expandSigns(element), index: condition.args[0].name }
  const inReals =
    element.k === 'rel' &&
    element.ops[0] === 'in' &&
    element.args[1]?.k === 'space' &&
    element.args[1].name === 'R'
  const variable = inReals && element.k === 'rel' ? element.args[0] : element
  if (variable?.k !== 'sym' || freeVariables(condition).size !== 1)
    return undecided('set with a condition')
  // The bound variable has no name outside of the braces.
  return { is: 'real', node: { k: 'builder', element: variable, condition } }
}

function readBracket(node: Extract<Node, { k: 'bracket' }>): Answer {
  const isPair = node.items.length === 2 && node.open !== '<'
  if (isPair && (node.open !== '(' || node.close !== ')' || node.items.some(isInfinite)))
    return { is: 'real', node }
  if (node.items.some(isDots)) return undecided('ellipsis')
  return { is: 'tuple', node }
}

function finiteOperation(kind: string, args: Node[]): Answer {
  if (kind !== 'union') return undecided('operation on finite sets')
  return {
    is: 'finite',
    items: args.flatMap((arg) => (arg.k === 'set' ? arg.items : [])),
    loose: false,
  }
}

function determinant(rows: readonly Node[][]): Node {
  const [first, ...rest] = rows
  if (!first || first.length !== rows.length || rows.length > 5) return undecided('determinant')
  if (rows.length === 1) return first[0] ?? undecided('determinant')
  const terms = first.map((head, column): Node => {
    const product: Node = {
      k: 'mul',
      args: [head, determinant(rest.map((row) => row.filter((_, at) => at !== column)))],
    }
    return column % 2 === 0 ? product : { k: 'neg', a: product }
  })
  return { k: 'add', args: terms }
}

/** 1 ± √2 as its two values; the signs of one formula go together. */
export function expandSigns(node: Node): Node[] {
  let count = 0
  someNode(node, (part) => {
    if (part.k === 'pm') count++
    return false
  })
  if (count === 0) return [node]
  const withSign = (plus: boolean) => {
    const settle = (part: Node): Node => {
      if (part.k !== 'pm') return mapNode(part, settle)
      const inner = settle(part.a)
      return part.flip === plus ? { k: 'neg', a: inner } : inner
    }
    return settle(node)
  }
  if (count > 1 && !someNode(node, (part) => part.k === 'pm' && part.flip))
    return undecided('several signs')
  return [withSign(true), withSign(false)]
}
