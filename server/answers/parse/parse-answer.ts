import { undecided } from '#server/answers/work.ts'
import { cleanText } from './clean-text.ts'
import { type Cursor, expectChr, freshBars, type Grammar, isChr, next, peek } from './cursor.ts'
import type { Node } from './node.ts'
import { parseCommand } from './parse-command.ts'
import { parseExpression, parseFactor, parseTerm } from './parse-expression.ts'
import { parseStatements } from './parse-statements.ts'
import { readWhole } from './read-whole.ts'
import { tokensOf } from './token.ts'

const grammar: Grammar = {
  statements: parseStatements,
  expression: parseExpression,
  term: parseTerm,
  factor: parseFactor,
  argument: parseArgument,
  command: parseCommand,
}

export type ParsedAnswer = {
  node: Node /** Cleaned, without white space: what two texts share that mean the same. */
  text: string
}

/** @throws undecided with the reason, where a text cannot be read */
export function parseAnswer(text: string): ParsedAnswer {
  const clean = cleanText(text)
  if (clean.trim() === '') undecided('no answer')
  return { node: readWhole(clean, parseFormula), text: normalText(clean) }
}

export function normalText(clean: string): string {
  return clean
    .replace(/\\[,;:! ]|\\q?quad(?![a-zA-Z])/g, '')
    .replace(/\\[dt]frac/g, '\\frac')
    .replace(/\s+/g, ' ')
    .replace(/ ?([^a-zA-Z ]) ?/g, '$1')
    .trim()
}

/** A formula without the words around it. */
export function parseFormula(clean: string): Node {
  const c: Cursor = { tokens: tokensOf(clean), at: 0, bars: 0, depth: 0, grammar }
  if (c.tokens.length === 0) undecided('no answer')
  const node = parseStatements(c, () => false)
  return c.at < c.tokens.length ? undecided('unparsable') : node
}

/** A group in braces, or the next sign: \frac12 is one half. */
function parseArgument(c: Cursor): Node {
  const token = peek(c) ?? undecided('unparsable')
  if (isChr(token, '{')) {
    c.at++
    return freshBars(c, () => {
      const inner = parseStatements(c, (end) => isChr(end, '}'))
      expectChr(c, '}')
      return inner
    })
  }
  if (token.t === 'num') {
    // Only one digit belongs to a command; plain text means all of them behind ^ and sqrt.
    const before = c.tokens[c.at - 1]
    if (token.s.length > 1 && !isChr(before, '^') && !isChr(before, '_')) {
      const [digit = '', ...rest] = token.s
      c.tokens.splice(
        c.at,
        1,
        { t: 'num', s: digit, gap: token.gap },
        { t: 'num', s: rest.join(''), gap: false },
      )
    }
    const digits = next(c)
    const [whole = '', fraction = ''] = digits.s.split('.')
    return {
      k: 'num',
      value: fraction === '' ? { n: BigInt(whole || '0'), d: 1n } : undecided('unparsable'),
    }
  }
  if (token.t === 'chr' && /^[a-zA-Z]$/.test(token.s)) {
    c.at++
    return token.s === 'i' ? { k: 'i' } : token.s === 'e' ? { k: 'e' } : { k: 'sym', name: token.s }
  }
  if (token.t === 'chr' && token.s === '(') return grammar.factor(c)
  if (token.t === 'cmd') {
    c.at++
    return parseCommand(c, token.s)
  }
  return undecided('unparsable')
}
