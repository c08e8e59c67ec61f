import { rational } from '#server/answers/exact/rational.ts'
import { undecided } from '#server/answers/work.ts'
import { type Cursor, isChr, isCmd, nested, peek, take, takeCmd } from './cursor.ts'
import type { Node } from './node.ts'
import { parseAtom } from './parse-atom.ts'
import { takeUnit } from './take-unit.ts'
import type { Token } from './token.ts'

/** Unions, intersections and differences of sets, of sums. */
export function parseExpression(c: Cursor): Node {
  return nested(c, () => {
    let left = parseSum(c)
    for (;;) {
      const token = peek(c)
      const kind = isCmd(token, 'cup')
        ? 'union'
        : isCmd(token, 'cap')
          ? 'intersection'
          : isCmd(token, 'setminus', 'backslash')
            ? 'setminus'
            : undefined
      if (!kind) return left
      c.at++
      const right = parseSum(c)
      left =
        left.k === kind && kind !== 'setminus' && 'args' in left
          ? { k: kind, args: [...left.args, right] }
          : { k: kind, args: [left, right] }
    }
  })
}

function parseSum(c: Cursor): Node {
  const parts: Node[] = []
  for (;;) {
    const token = peek(c)
    if (isChr(token, '+') || isChr(token, '-')) {
      c.at++
      const term = signed(c)
      parts.push(isChr(token, '-') ? negative(term) : term)
    } else if (isCmd(token, 'pm', 'mp')) {
      c.at++
      parts.push({ k: 'pm', flip: isCmd(token, 'mp'), a: signed(c) })
    } else if (parts.length === 0) parts.push(c.grammar.term(c))
    else break
  }
  const [only] = parts
  return parts.length === 1 && only ? only : { k: 'add', args: parts }
}

/** `--3`, `+-3`. */
function signed(c: Cursor): Node {
  if (take(c, '-')) return { k: 'neg', a: nested(c, () => signed(c)) }
  if (take(c, '+')) return nested(c, () => signed(c))
  return c.grammar.term(c)
}

export function parseTerm(c: Cursor): Node {
  let left = c.grammar.factor(c)
  let slashed = false
  for (;;) {
    const token = peek(c)
    if (isCmd(token, 'cdot', 'times', 'ast', 'star') || isChr(token, '*')) {
      c.at++
      left = product(left, signedFactor(c))
    } else if (isChr(token, '/') || isCmd(token, 'div')) {
      c.at++
      left = { k: 'div', a: left, b: signedFactor(c) }
      slashed = isChr(token, '/')
      continue
    } else if (isCmd(token, 'bmod', 'mod') || isChr(token, '%')) {
      if (isChr(token, '%') && !startsFactor(c, peek(c, 1))) return left
      c.at++
      left = { k: 'call', name: 'mod', args: [left, c.grammar.factor(c)] }
    } else if (startsFactor(c, token)) {
      // `1/2x` is read in both ways by people.
      if (slashed && !token?.gap) undecided('1/2x is ambiguous')
      const right = c.grammar.factor(c)
      if (left.k === 'num' && right.k === 'num' && !isChr(c.tokens[c.at - 1], '}'))
        undecided('two numbers side by side')
      left = product(left, right)
    } else return left
    slashed = false
  }
}

function signedFactor(c: Cursor): Node {
  if (take(c, '-')) return { k: 'neg', a: nested(c, () => signedFactor(c)) }
  return c.grammar.factor(c)
}

/** The unit of the last factor is that of the product: 5√3 cm. */
function product(a: Node, b: Node): Node {
  if (b.k === 'quantity' && a.k !== 'quantity') return { ...b, value: product(a, b.value) }
  if (a.k === 'quantity' && b.k !== 'quantity') return { ...a, value: product(a.value, b) }
  return a.k === 'mul' ? { k: 'mul', args: [...a.args, b] } : { k: 'mul', args: [a, b] }
}

function negative(a: Node): Node {
  return a.k === 'quantity' ? { ...a, value: { k: 'neg', a: a.value } } : { k: 'neg', a }
}

const notFactors = new Set([
  'cdot',
  'times',
  'div',
  'pm',
  'mp',
  'cup',
  'cap',
  'setminus',
  'backslash',
  'le',
  'leq',
  'leqslant',
  'ge',
  'geq',
  'geqslant',
  'lt',
  'gt',
  'ne',
  'neq',
  'in',
  'notin',
  'subset',
  'subseteq',
  'equiv',
  'approx',
  'sim',
  'to',
  'mid',
  'pmod',
  'bmod',
  'mod',
  'or',
  'and',
  'lor',
  'land',
  'wedge',
  'vee',
  '}',
  '\\',
  'end',
  'rangle',
  'rfloor',
  'rceil',
  'rvert',
  'choose',
  'Rightarrow',
  'rightarrow',
  'implies',
  'iff',
  'Leftrightarrow',
  'word:in',
  'cong',
  'propto',
  'qed',
  ',',
  'rVert',
  'colon',
  'ast',
  'star',
  'over',
  'atop',
  'degree',
  '%',
  'hline',
  'ni',
  'rbrace',
  'rbrack',
])

function startsFactor(c: Cursor, token: Token | undefined): boolean {
  if (!token) return false
  if (token.t === 'num') return true
  if (token.t === 'txt') return false
  if (token.t === 'cmd') return !notFactors.has(token.s)
  if (token.s === '|') return c.bars === 0
  return /^[a-zA-Z([{]$/.test(token.s)
}

/** A factor with what stands behind it: powers, subscripts, factorials, percent, degrees, a unit. */
export function parseFactor(c: Cursor): Node {
  return nested(c, () => {
    let node = parseAtom(c)
    for (;;) {
      const token = peek(c)
      if (isChr(token, '^')) {
        c.at++
        node = raised(c, node)
      } else if (isChr(token, '!') && !isChr(peek(c, 1), '=')) {
        c.at++
        node = take(c, '!')
          ? { k: 'call', name: 'doublefactorial', args: [node] }
          : { k: 'call', name: 'factorial', args: [node] }
      } else if (isCmd(token, '%') || (isChr(token, '%') && !startsFactor(c, peek(c, 1)))) {
        c.at++
        node = { k: 'div', a: node, b: { k: 'num', value: rational(100n) } }
      } else if (isCmd(token, 'degree')) {
        c.at++
        node = degrees(c, node)
      } else if (isChr(token, "'")) {
        c.at++
        node = node.k === 'sym' ? { k: 'sym', name: `${node.name}'` } : undecided('prime')
      } else if (isCmd(token, 'prime')) {
        c.at++
        node = node.k === 'sym' ? { k: 'sym', name: `${node.name}'` } : undecided('prime')
      } else if (token?.t === 'txt') {
        const unit = takeUnit(c)
        if (unit === undefined) return node
        if (unit === 'units') continue
        if (unit === 'degree') node = degrees(c, node)
        else if (unit === 'percent')
          node = { k: 'div', a: node, b: { k: 'num', value: rational(100n) } }
        else node = { k: 'quantity', value: node, unit, optional: false }
      } else return node
    }
  })
}

function raised(c: Cursor, base: Node): Node {
  const inner = peek(c)
  if (
    isCmd(inner, 'circ', 'degree') ||
    (isChr(inner, '{') && isCmd(peek(c, 1), 'circ', 'degree') && isChr(peek(c, 2), '}'))
  ) {
    c.at += isCmd(inner, 'circ', 'degree') ? 1 : 3
    return degrees(c, base)
  }
  if (takeCmd(c, 'prime'))
    return base.k === 'sym' ? { k: 'sym', name: `${base.name}'` } : undecided('prime')
  if (take(c, '*')) undecided('unparsable')
  const negative = take(c, '-')
  const exponent = negative ? undefined : peek(c)
  const power =
    exponent?.t === 'num' || isChr(exponent, '{') ? c.grammar.argument(c) : plainExponent(c)
  const value: Node = negative ? { k: 'neg', a: power } : power
  if (
    value.k === 'sym' &&
    ['T', 'c', 'complement'].includes(value.name) &&
    base.k !== 'sym' &&
    base.k !== 'num'
  )
    undecided('transpose or complement')
  return { k: 'pow', a: base, b: value }
}

/** 2^-3, x^10 of plain text; LaTeX's own x^10 is x¹0, which nobody means. */
function plainExponent(c: Cursor): Node {
  const atom = parseAtom(c)
  if (isChr(peek(c), '^')) {
    c.at++
    return { k: 'pow', a: atom, b: c.grammar.argument(c) }
  }
  return atom
}

function degrees(c: Cursor, node: Node): Node {
  const scale = peek(c)
  const letter = scale?.t === 'txt' || scale?.t === 'chr' ? scale.s : ''
  if (/^(?:C|F|Celsius|Fahrenheit|celsius|fahrenheit)$/.test(letter) && !isChr(peek(c, 1), '=')) {
    c.at++
    return {
      k: 'quantity',
      value: node,
      unit: letter.toLowerCase().startsWith('c') ? 'degC' : 'degF',
      optional: false,
    }
  }
  return {
    k: 'mul',
    args: [node, { k: 'div', a: { k: 'pi' }, b: { k: 'num', value: rational(180n) } }],
  }
}
