import Fraction from 'fraction.js'
import {
  all,
  create,
  isConstantNode,
  isFunctionNode,
  isOperatorNode,
  isParenthesisNode,
  isSymbolNode,
  type MathNode,
} from 'mathjs'
import { CannotSolve } from '#server/lab/demo-engine/solve/cannot-solve.ts'

/** An expression as everything here reads it: small, closed, with exact numbers. */
export type Expression =
  | { kind: 'number'; value: Fraction }
  | { kind: 'symbol'; name: string }
  | { kind: 'binary'; op: BinaryOperator; left: Expression; right: Expression }
  | { kind: 'negate'; of: Expression }
  | { kind: 'factorial'; of: Expression }
  | { kind: 'call'; name: string; of: Expression }

export type BinaryOperator = '+' | '-' | '*' | '/' | '^'

const charsMax = 2000
const nodesMax = 600
const functions = new Set(
  'sin cos tan sec csc cot asin acos atan sinh cosh tanh exp log log10 sqrt abs erf'.split(' '),
)
const synonyms: Record<string, string> = {
  ln: 'log',
  arcsin: 'asin',
  arccos: 'acos',
  arctan: 'atan',
}
const constants = new Set(['pi', 'e', 'i', 'infinity'])
const greek = new Set(
  'alpha beta gamma delta epsilon theta lambda mu nu rho sigma tau phi chi psi omega'.split(' '),
)
const operators: Record<string, BinaryOperator> = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
  pow: '^',
}
const math = create(all ?? {}, { number: 'Fraction' })

/** Whether a word may stand in a formula: a function, a constant or a Greek letter. */
export function isMathWord(word: string): boolean {
  return functions.has(word) || word in synonyms || constants.has(word) || greek.has(word)
}

/** Reads infix text. Throws CannotSolve where it is no expression or too large to be handled. */
export function parseExpression(text: string): Expression {
  if (text.length > charsMax) throw new CannotSolve('That expression is too long for me.')
  let parsed: MathNode
  try {
    parsed = math.parse(withArguments(text))
  } catch {
    throw new CannotSolve(`I cannot read \`${text.trim()}\` as an expression.`)
  }
  let nodes = 0
  parsed.traverse(() => {
    nodes += 1
  })
  if (nodes > nodesMax) throw new CannotSolve('That expression is too large for me.')
  return convert(parsed)
}

/** Gives functions that stand without parentheses their argument: sin x, \\ln 2x, sin^2 x. */
function withArguments(text: string): string {
  const name = '\\b(sin|cos|tan|sec|csc|cot|log|ln|exp|sqrt|arcsin|arccos|arctan)'
  const atom =
    '(\\((?:[^()]|\\([^()]*\\))*\\)|\\d*\\.?\\d*\\s?(?:pi|[a-z])(?:\\^\\d+)?|\\d+(?:\\.\\d+)?)'
  return text
    .replace(new RegExp(`${name}\\s*\\^\\s*\\(?(\\d)\\)?\\s*${atom}`, 'gi'), '($1($3))^$2')
    .replace(new RegExp(`${name}\\s+${atom}(?![a-z(])`, 'gi'), '$1($2)')
}

/** Every node goes through this closed list: assignments, units, matrices and strings never get in. */
function convert(node: MathNode): Expression {
  if (isParenthesisNode(node)) return convert(node.content)
  if (isConstantNode(node)) {
    const value: unknown = node.value
    if (value instanceof Fraction) return { kind: 'number', value }
  }
  if (isSymbolNode(node)) return symbol(node.name)
  if (isFunctionNode(node)) return call(node.fn.name ?? '', node.args)
  if (isOperatorNode(node)) {
    const [first, second] = node.args
    const op = operators[node.fn]
    if (op && first && second) return binary(op, convert(first), convert(second))
    if (first && node.fn === 'unaryMinus') return { kind: 'negate', of: convert(first) }
    if (first && node.fn === 'unaryPlus') return convert(first)
    if (first && node.fn === 'factorial') return { kind: 'factorial', of: convert(first) }
  }
  throw new CannotSolve('That expression uses something that I do not know.')
}

function call(written: string, args: MathNode[]): Expression {
  const name = synonyms[written] ?? written
  const [first, second] = args
  if (!first) throw new CannotSolve(`\`${written}\` stands without an argument.`)
  if (functions.has(name) && !second) return { kind: 'call', name, of: convert(first) }
  // The parser takes x(x+1) for a call; in mathematics it is a product.
  if (!second && !functions.has(name)) return binary('*', symbol(written), convert(first))
  throw new CannotSolve(`I do not know the function \`${written}\`.`)
}

function symbol(name: string): Expression {
  if (name.toLowerCase() === 'infinity' || name === 'Infinity') return named('infinity')
  if (name.length === 1 || constants.has(name) || greek.has(name)) return named(name)
  if (functions.has(name) || name in synonyms || name.length > 4 || !/^[A-Za-z]+$/.test(name))
    throw new CannotSolve(`I do not know \`${name}\`.`)
  return [...name].map(named).reduce((left, right) => binary('*', left, right))
}

export function named(name: string): Expression {
  return { kind: 'symbol', name }
}

export function number(value: Fraction | bigint | number): Expression {
  return { kind: 'number', value: value instanceof Fraction ? value : new Fraction(value) }
}

export function binary(op: BinaryOperator, left: Expression, right: Expression): Expression {
  return { kind: 'binary', op, left, right }
}

/** The unknowns of an expression, in order of appearance; constants such as pi are none. */
export function variablesOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'number':
      return []
    case 'symbol':
      return constants.has(expression.name) ? [] : [expression.name]
    case 'binary':
      return [...new Set([...variablesOf(expression.left), ...variablesOf(expression.right)])]
    default:
      return variablesOf(expression.of)
  }
}
