import { undecided } from '#server/answers/work.ts'
import { type Cursor, freshBars, isChr, isCmd, nested, next, peek } from './cursor.ts'
import type { Node } from './node.ts'
import { baseValue } from './parse-number.ts'
import type { Token } from './token.ts'

const isClosing = (token: Token) =>
  isChr(token, ')') || isChr(token, ']') || isCmd(token, 'rangle', 'rbrack')

/** (…) and […]: one thing in brackets is that thing, several are a pair, an interval or a vector. */
export function parseBracket(c: Cursor): Node {
  return nested(c, () =>
    freshBars(c, () => {
      const open = next(c).s
      if (isClosing(peek(c) ?? undecided('unparsable'))) undecided('empty brackets')
      const inner = c.grammar.statements(c, isClosing)
      const close = next(c)
      const end = isCmd(close, 'rangle') ? '>' : close.s
      const start = open === 'langle' ? '<' : open
      if (start === '(' && end === ')' && isChr(peek(c), '_') && inner.k === 'num')
        return based(c, inner)
      if (inner.k === 'list') return { k: 'bracket', open: start, close: end, items: inner.items }
      if (start === '(' && end === ')')
        return inner.k === 'sym' || inner.k === 'num' ? inner : grouped(inner)
      if (start === '[' && end === ']') return inner
      return undecided('unparsable')
    }),
  )
}

/** Brackets keep `(a)^2` apart from what an operation would read without them. */
function grouped(inner: Node): Node {
  return inner
}

/** (204)_5 */
function based(c: Cursor, inner: Extract<Node, { k: 'num' }>): Node {
  c.at++
  const base = peek(c)
  if (base?.t === 'num') c.at++
  else if (isChr(base, '{') && peek(c, 1)?.t === 'num' && isChr(peek(c, 2), '}')) c.at += 3
  else undecided('subscript of a number')
  const digits = base?.t === 'num' ? base.s : (c.tokens[c.at - 2]?.s ?? '')
  if (inner.value.d !== 1n || inner.value.n < 0n) undecided('subscript of a number')
  return baseValue(inner.value.n.toString(), Number(digits))
}

/** \{…\}: a finite set, or one that a condition describes. */
export function parseSet(c: Cursor): Node {
  return nested(c, () =>
    freshBars(c, () => {
      const isEnd = (token: Token) => isCmd(token, '}', 'rbrace')
      if (isEnd(peek(c) ?? undecided('unparsable'))) {
        c.at++
        return { k: 'empty' }
      }
      c.bars = 1
      const first = c.grammar.statements(
        c,
        (token) =>
          isEnd(token) ||
          isChr(token, '|') ||
          isChr(token, ':') ||
          isCmd(token, 'mid', 'colon', 'vert'),
      )
      const token = next(c)
      if (isEnd(token)) return { k: 'set', items: first.k === 'list' ? first.items : [first] }
      c.bars = 0
      const condition = c.grammar.statements(c, isEnd)
      next(c)
      return { k: 'builder', element: first, condition }
    }),
  )
}
