import { undecided } from '#server/answers/work.ts'
import {
  type Cursor,
  expectChr,
  freshBars,
  isChr,
  isCmd,
  next,
  peek,
  take,
  takeCmd,
} from './cursor.ts'
import { isUnitWord } from './known-words.ts'
import type { Node } from './node.ts'
import { parseBracket } from './parse-bracket.ts'
import { parseNumber } from './parse-number.ts'

/** A number, a letter, a command, brackets, bars, a currency. */
export function parseAtom(c: Cursor): Node {
  const token = peek(c) ?? undecided('unparsable')
  if (token.t === 'num') return parseNumber(c)
  if (token.t === 'cmd') {
    c.at++
    return c.grammar.command(c, token.s)
  }
  if (token.t === 'txt')
    return undecided(isUnitWord(token.s) ? 'unit without a number' : 'text changes the meaning')
  if (token.s === '{') {
    c.at++
    return group(c)
  }
  if (token.s === '(' || token.s === '[') return parseBracket(c)
  if (token.s === '|') {
    c.at++
    c.bars++
    const inner = c.grammar.expression(c)
    c.bars--
    if (!take(c, '|')) undecided('unparsable')
    return { k: 'call', name: 'abs', args: [inner] }
  }
  if (token.s === '$') {
    c.at++
    return { k: 'quantity', value: c.grammar.factor(c), unit: 'dollar', optional: true }
  }
  if (/^[€£¥]$/.test(token.s)) {
    c.at++
    const unit = token.s === '€' ? 'euro' : token.s === '£' ? 'pound sterling' : 'CNY'
    return { k: 'quantity', value: c.grammar.factor(c), unit, optional: false }
  }
  if (/^[a-zA-Z]$/.test(token.s)) return letterAt(c)
  return undecided('unparsable')
}

/** Braces that only group: `{…}`, `{n \choose k}`, `{a \over b}`. */
function group(c: Cursor): Node {
  return freshBars(c, () => {
    if (take(c, '}')) return c.grammar.factor(c)
    const left = c.grammar.statements(
      c,
      (token) => isChr(token, '}') || isCmd(token, 'choose', 'over'),
    )
    if (takeCmd(c, 'choose', 'over')) {
      const isOver = isCmd(c.tokens[c.at - 1], 'over')
      const right = c.grammar.statements(c, (token) => isChr(token, '}'))
      expectChr(c, '}')
      return isOver
        ? { k: 'div', a: left, b: right }
        : { k: 'call', name: 'binom', args: [left, right] }
    }
    expectChr(c, '}')
    return left
  })
}

function letterAt(c: Cursor): Node {
  const name = next(c).s
  const subscript = subscriptAt(c)
  if (subscript !== undefined) return { k: 'sym', name: `${name}_${subscript}` }
  if (name === 'C' || name === 'P') {
    const chosen = choiceAt(c, name)
    if (chosen) return chosen
  }
  if (name === 'i') return { k: 'i' }
  if (name === 'e') return { k: 'e' }
  return { k: 'sym', name }
}

/** The subscript of a symbol as plain text. */
export function subscriptAt(c: Cursor): string | undefined {
  if (!isChr(peek(c), '_')) return undefined
  c.at++
  const first = next(c)
  if (!isChr(first, '{')) {
    if (first.t === 'num' && first.s.length > 1) return first.s
    return first.s
  }
  let text = ''
  for (let depth = 1; depth > 0; ) {
    const token = next(c)
    if (isChr(token, '{')) depth++
    if (isChr(token, '}')) depth--
    if (depth > 0) text += token.s
    if (text.length > 80) undecided('unparsable')
  }
  return text
}

/** C(5, 2) and P(5, 2); of events, P(A, B) is a probability. */
function choiceAt(c: Cursor, name: 'C' | 'P'): Node | undefined {
  if (!isChr(peek(c), '(')) return undefined
  const start = c.at
  const inner = parseBracket(c)
  const isCount = (node: Node) =>
    node.k === 'num' || (node.k === 'sym' && /^[nkrm]$/.test(node.name))
  if (
    inner.k === 'bracket' &&
    inner.items.length === 2 &&
    inner.open === '(' &&
    inner.items.every(isCount)
  )
    return { k: 'call', name: name === 'C' ? 'binom' : 'perm', args: inner.items }
  c.at = start
  return undefined
}
