import { spend, undecided } from '#server/answers/work.ts'
import type { Node } from './node.ts'
import type { Token } from './token.ts'

/** A place in a list of tokens, and the parts of the grammar that refer to each other. */
export type Cursor = {
  readonly tokens: Token[]
  at: number
  /** Open |…| around the place: a bar closes the innermost. */
  bars: number
  depth: number
  readonly grammar: Grammar
}

export type Grammar = {
  /** Everything up to a closing token: lists, relations, alternatives. */
  statements: (c: Cursor, isEnd: (token: Token) => boolean) => Node
  /** A sum of terms, with unions of sets. */
  expression: (c: Cursor) => Node
  /** A product of factors. */
  term: (c: Cursor) => Node
  /** A single factor with its powers. */
  factor: (c: Cursor) => Node
  /** What a command takes: a group in braces, or one sign. */
  argument: (c: Cursor) => Node
  command: (c: Cursor, name: string) => Node
}

const depthMax = 120

export function peek(c: Cursor, ahead = 0): Token | undefined {
  return c.tokens[c.at + ahead]
}

export function isChr(token: Token | undefined, s: string): boolean {
  return token?.t === 'chr' && token.s === s
}

export function isCmd(token: Token | undefined, ...names: string[]): boolean {
  return token?.t === 'cmd' && names.includes(token.s)
}

export function next(c: Cursor): Token {
  spend(2)
  const token = c.tokens[c.at++]
  return token ?? undecided('unparsable')
}

export function take(c: Cursor, s: string): boolean {
  if (!isChr(peek(c), s)) return false
  c.at++
  return true
}

export function takeCmd(c: Cursor, ...names: string[]): boolean {
  if (!isCmd(peek(c), ...names)) return false
  c.at++
  return true
}

export function expectChr(c: Cursor, s: string): void {
  if (!take(c, s)) undecided('unparsable')
}

/** Runs one level deeper; nesting is bounded. */
export function nested<T>(c: Cursor, run: () => T): T {
  if (++c.depth > depthMax) undecided('nested too deeply')
  try {
    return run()
  } finally {
    c.depth--
  }
}

/** Runs with bars closed: inside of brackets a bar opens a new absolute value. */
export function freshBars<T>(c: Cursor, run: () => T): T {
  const before = c.bars
  c.bars = 0
  try {
    return run()
  } finally {
    c.bars = before
  }
}
