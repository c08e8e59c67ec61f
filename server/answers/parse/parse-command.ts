import { undecided } from '#server/answers/work.ts'
import { type Cursor, expectChr, freshBars, isChr, next, peek, take, takeCmd } from './cursor.ts'
import type { Node } from './node.ts'
import { subscriptAt } from './parse-atom.ts'
import { parseBracket, parseSet } from './parse-bracket.ts'
import { parseEnvironment } from './parse-environment.ts'
import { callOf, functionAt, functions, several, severalAt } from './parse-function.ts'
import { parseSeries } from './parse-series.ts'

const greek = new Set(
  'alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho varrho sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega ell hbar aleph angle triangle'.split(
    ' ',
  ),
)
const variants: Record<string, string> = {
  varepsilon: 'epsilon',
  vartheta: 'theta',
  varphi: 'phi',
  varrho: 'rho',
}

/** What a command stands for; the command itself has been taken. */
export function parseCommand(c: Cursor, name: string): Node {
  if (functions.has(name)) return functionAt(c, name)
  if (several.has(name)) return severalAt(c, name)
  if (greek.has(name)) {
    const base = variants[name] ?? name
    const subscript = subscriptAt(c)
    if (base === 'angle' || base === 'triangle') return { k: 'sym', name: `${base} ${letters(c)}` }
    return { k: 'sym', name: subscript === undefined ? base : `${base}_${subscript}` }
  }
  if (name.startsWith('sym:')) return { k: 'sym', name: name.split(':').slice(1).join(' ') }
  switch (name) {
    case 'frac':
    case 'dfrac':
    case 'tfrac':
    case 'cfrac':
      return { k: 'div', a: c.grammar.argument(c), b: c.grammar.argument(c) }
    case 'sqrt':
      return rootAt(c)
    case 'binom':
    case 'dbinom':
    case 'tbinom':
      return isChr(peek(c), '(')
        ? callOf(c, 'binom')
        : { k: 'call', name: 'binom', args: [c.grammar.argument(c), c.grammar.argument(c)] }
    case 'pi':
      return { k: 'pi' }
    case 'infty':
      return { k: 'inf' }
    case 'imath':
      return { k: 'i' }
    case 'ldots':
    case 'dots':
    case 'cdots':
    case 'dotsc':
    case 'dotsb':
    case 'vdots':
      return { k: 'dots' }
    case 'emptyset':
    case 'varnothing':
      return { k: 'empty' }
    case 'mathbb':
    case 'Bbb':
      return spaceOf(c)
    case 'R':
    case 'Z':
    case 'N':
    case 'Q':
    case 'C':
      return { k: 'space', name }
    case '{':
    case 'lbrace':
      return parseSet(c)
    case 'langle':
      c.at--
      return parseBracket(c)
    case 'lfloor':
      return between(c, 'floor', 'rfloor')
    case 'lceil':
      return between(c, 'ceil', 'rceil')
    case 'lvert':
    case 'vert':
      return freshBars(c, () => between(c, 'abs', name === 'lvert' ? 'rvert' : 'vert'))
    case 'sum':
      return parseSeries(c, 'sum')
    case 'prod':
      return parseSeries(c, 'prod')
    case 'begin':
      return parseEnvironment(c)
    case 'overline':
    case 'bar':
      return { k: 'call', name: 'conj', args: [c.grammar.argument(c)] }
    case '$':
    case 'textdollar':
      return { k: 'quantity', value: c.grammar.factor(c), unit: 'dollar', optional: true }
    case 'pounds':
    case 'euro':
      return {
        k: 'quantity',
        value: c.grammar.factor(c),
        unit: name === 'euro' ? 'euro' : 'pound sterling',
        optional: false,
      }
    case 'displaylines':
      return c.grammar.argument(c)
    case 'approx':
      return undecided('approximate value')
    case 'int':
    case 'iint':
    case 'oint':
    case 'lim':
      return undecided('limit or integral')
    case '|':
    case 'lVert':
      return undecided('norm')
    default:
      return undecided(`unknown command \\${name.slice(0, 30)}`)
  }
}

function letters(c: Cursor): string {
  let text = ''
  while (peek(c)?.t === 'chr' && /^[A-Z]$/.test(peek(c)?.s ?? '') && text.length < 5)
    text += next(c).s
  return text
}

function rootAt(c: Cursor): Node {
  let degree = 2
  if (take(c, '[')) {
    const token = next(c)
    if (token.t !== 'num' || !/^\d{1,4}$/.test(token.s)) undecided('degree of a root')
    degree = Number(token.s)
    expectChr(c, ']')
  }
  if (degree < 1) undecided('degree of a root')
  return { k: 'root', degree, a: c.grammar.argument(c) }
}

function spaceOf(c: Cursor): Node {
  const braced = take(c, '{')
  const name = next(c).s
  if (braced) expectChr(c, '}')
  let rest = ''
  while (isChr(peek(c), '^') || isChr(peek(c), '_')) {
    const sign = next(c).s
    if (isChr(peek(c), '{')) {
      c.at++
      while (peek(c) && !isChr(peek(c), '}')) rest += next(c).s
      expectChr(c, '}')
    } else rest += sign === '^' ? next(c).s : `_${next(c).s}`
  }
  return rest === '' ? { k: 'space', name } : { k: 'space', name, rest }
}

function between(c: Cursor, name: string, end: string): Node {
  return freshBars(c, () => {
    const inner = c.grammar.expression(c)
    if (!takeCmd(c, end)) undecided('unparsable')
    return { k: 'call', name, args: [inner] }
  })
}
