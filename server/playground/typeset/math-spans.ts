import { isMathematics } from './is-mathematics.ts'
import { matchPairs } from './match-pairs.ts'
import { inlineEnvironments, mathEnvironments, proseEnvironments } from './math-environments.ts'

/**
 * A part of a paragraph that Markdown leaves alone. `formula`: `tex` is to be typeset. `source`: it opens mathematics
 * that has no end, is too long, or is of an environment that nobody here typesets: it is shown as it was written.
 */
export type MathSpan = { start: number; end: number } & (
  | { kind: 'formula'; tex: string; display: boolean }
  | { kind: 'source' }
  | { kind: 'code' }
)

/** What opens mathematics and has no end so far; `closing` is what would end it. */
export type OpenMath = { at: number; closing: string; environment?: string }

export type ReadMath = { spans: MathSpan[]; open?: OpenMath }

/** Beyond this a formula costs seconds, and is its source. */
export const formulaCharsMax = 20_000

/** All that decides where mathematics stands. */
const tokens = /`+|\\begin\{([A-Za-z]+\*?)\}|\\(?:boxed|fbox)(?= *\{)|\\[\s\S]|\$\$?/g

/**
 * Where mathematics and code spans stand in the text of a paragraph, a cell or a heading, in one pass over it: `$ $$ \( \[`,
 * bare environments and a bare `\boxed{}`. See README.md for what is mathematics and what is money.
 */
export function readMath(text: string): ReadMath {
  const spans: MathSpan[] = []
  const pairs = matchPairs(text)
  let open: OpenMath | undefined
  const scan = new RegExp(tokens)
  for (let match = scan.exec(text); match; match = scan.exec(text)) {
    const [token, environment] = match
    const start = match.index
    const from = start + token.length
    const span = spanAt(token, environment, start, from)
    if (span) {
      spans.push(span)
      scan.lastIndex = span.end
    } else if (token[0] === '`') scan.lastIndex = from
  }
  return { spans, open }

  function spanAt(
    token: string,
    environment: string | undefined,
    start: number,
    from: number,
  ): MathSpan | undefined {
    if (token[0] === '`') {
      const end = pairs.codeEnd(start)
      return end === undefined ? undefined : { kind: 'code', start, end }
    }
    if (environment !== undefined) return environmentAt(environment, start, from)
    if (token === '\\(') return delimited(start, from, '\\)', false)
    if (token === '\\[') return delimited(start, from, '\\]', true)
    if (token === '\\boxed' || token === '\\fbox') return boxedAt(start, from)
    if (token === '$$') return dollarsAt(start, from)
    return token === '$' ? dollarAt(start, from) : undefined
  }

  function formula(start: number, end: number, tex: string, display: boolean): MathSpan {
    if (end - start > formulaCharsMax) return { kind: 'source', start, end }
    return { kind: 'formula', start, end, tex: tex.trim(), display }
  }

  /** Opened and never closed: to the end of the line or, for a display, of the paragraph, it is its source. */
  function unclosed(start: number, closing: string, environment?: string): MathSpan {
    open ??= { at: start, closing, environment }
    const line = closing === '\\)' ? text.indexOf('\n', start) : -1
    return { kind: 'source', start, end: line < 0 ? text.length : line }
  }

  function delimited(
    start: number,
    from: number,
    closing: '\\)' | '\\]',
    display: boolean,
  ): MathSpan | undefined {
    const at = pairs.next(closing, from)
    if (at === undefined) return unclosed(start, closing)
    const tex = text.slice(from, at)
    if (tex.trim() === '') return undefined
    if (!display && /\n[ \t]*\n/.test(tex)) return undefined
    return formula(start, at + 2, tex, display)
  }

  function dollarsAt(start: number, from: number): MathSpan | undefined {
    const at = pairs.next('$$', from)
    const startsLine = /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, start - 80), start))
    if (at === undefined) return startsLine ? unclosed(start, '$$') : undefined
    const tex = text.slice(from, at)
    return tex.trim() === '' ? undefined : formula(start, at + 2, tex, true)
  }

  function environmentAt(name: string, start: number, from: number): MathSpan | undefined {
    if (proseEnvironments.has(name)) return undefined
    const end = pairs.environmentEnd(start)
    const isMath = mathEnvironments.has(name)
    if (end === undefined) return isMath ? unclosed(start, `\\end{${name}}`, name) : undefined
    if (!isMath) return { kind: 'source', start, end }
    const tex = text.slice(start, end)
    const inner = tex.slice(from - start, -`\\end{${name}}`.length)
    return formula(start, end, inner.trim() === '' ? '' : tex, !inlineEnvironments.has(name))
  }

  function boxedAt(start: number, from: number): MathSpan | undefined {
    const brace = text.indexOf('{', from)
    const end = pairs.braceEnd(brace)
    return end === undefined ? undefined : formula(start, end, text.slice(start, end), false)
  }

  function dollarAt(start: number, from: number): MathSpan | undefined {
    const at = pairs.dollarEnd(start)
    if (at === undefined) return undefined
    const tex = text.slice(from, at)
    const before = text.slice(Math.max(0, start - 2), start)
    const behind = text.slice(at + 1, at + 12)
    return isMathematics(tex, before, behind) ? formula(start, at + 1, tex, false) : undefined
  }
}
