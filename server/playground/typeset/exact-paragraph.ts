import type MarkdownIt from 'markdown-it'
import type { StateBlock } from 'markdown-it'
import { type OpenMath, readMath } from './math-spans.ts'

/** What a parse notes of a text that still grows. */
export type BlockEnv = {
  /** The first line of a paragraph that opens mathematics whose end may still come. */
  pendingFrom?: number
}

/** A display may go on over blank lines, and over lines that would begin something else, for so many characters. */
const displayCharsMax = 8000

/**
 * Paragraphs and underlined headings as CommonMark has them, but no line within a display, a bare environment or `\(…\)`
 * ends one: `- c` or `=` there is mathematics.
 */
export function exactParagraph(markdown: MarkdownIt): void {
  markdown.block.ruler.at('paragraph', (state, startLine, endLine) => {
    const oldParentType = state.parentType
    state.parentType = 'paragraph'
    let nextLine = startLine + 1
    let underline: string | undefined
    for (;;) {
      const stop = nextStop(state, nextLine, endLine)
      const closing = closingLine(state, startLine, stop.line, endLine)
      if (closing === undefined) {
        nextLine = stop.line
        underline = stop.underline
        break
      }
      nextLine = closing + 1
    }
    const content = state.getLines(startLine, nextLine, state.blkIndent, false).trim()
    state.line = underline === undefined ? nextLine : nextLine + 1
    const tag = underline === undefined ? 'p' : underline === '=' ? 'h1' : 'h2'
    const name = underline === undefined ? 'paragraph' : 'heading'
    state.push(`${name}_open`, tag, 1).map = [startLine, state.line]
    const inline = state.push('inline', '', 0)
    inline.content = content
    inline.map = [startLine, nextLine]
    inline.children = []
    state.push(`${name}_close`, tag, -1)
    state.parentType = oldParentType
    return true
  })
}

/** The first line at or behind `from` that is none of the paragraph's, or underlines it. */
function nextStop(
  state: StateBlock,
  from: number,
  endLine: number,
): { line: number; underline?: string } {
  const terminators = state.md.block.ruler.getRules('paragraph')
  for (let line = from; line < endLine && !state.isEmpty(line); line++) {
    const indent = state.sCount[line] ?? 0
    if (indent - state.blkIndent > 3) continue
    const underline = indent >= state.blkIndent ? underlineOf(state, line) : undefined
    if (underline) return { line, underline }
    // A line that a quotation has looked at already.
    if (indent < 0) continue
    if (terminators.some((rule) => rule(state, line, endLine, true))) return { line }
  }
  let line = from
  while (line < endLine && !state.isEmpty(line)) line++
  return { line }
}

function underlineOf(state: StateBlock, line: number): string | undefined {
  const text = textOf(state, line).trim()
  return /^(?:={3,}|-{3,})$/.test(text) ? text[0] : undefined
}

function textOf(state: StateBlock, line: number): string {
  return state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line])
}

/** Where the paragraph up to `stop` opens mathematics: the line at or behind `stop` that ends it. */
function closingLine(
  state: StateBlock,
  startLine: number,
  stop: number,
  endLine: number,
): number | undefined {
  const text = state.getLines(startLine, stop, state.blkIndent, false)
  if (!/\\[[(b]|\$\$/.test(text)) return undefined
  const { open } = readMath(text)
  if (!open) return undefined
  const from = state.bMarks[stop] ?? state.src.length
  const { at, isFar } = closingOf(state, open, from, from - (text.length - open.at))
  const end = state.eMarks[endLine - 1] ?? 0
  if (at !== undefined && at < end) return lineAt(state, at, stop)
  // The end of the text, and not of what it stands in, is no end yet.
  const { env }: { env: BlockEnv } = state
  if (at === undefined && !isFar && end >= state.src.trimEnd().length) {
    env.pendingFrom = Math.min(env.pendingFrom ?? startLine, startLine)
  }
  return undefined
}

/** Where closing delimiters stand in the whole text, and where each `\begin` has its `\end`; read once per parse. */
type Closings = { closers: Map<string, number[]>; blanks: number[]; ends: Map<string, number[]> }

const closingsOf = new WeakMap<StateBlock, Closings>()
const marks = /\\(begin|end)\{([A-Za-z]+\*?)\}|\\[\s\S]|\$\$?|\n[ \t>]*(?=\n)/g

function readClosings(text: string): Closings {
  const closers = new Map<string, number[]>([
    ['\\)', []],
    ['\\]', []],
    ['$$', []],
  ])
  const blanks: number[] = []
  const ends = new Map<string, number[]>()
  const depths = new Map<string, number>()
  for (const { 0: mark, 1: edge, 2: name = '', index } of text.matchAll(marks)) {
    if (edge === 'begin') depths.set(name, (depths.get(name) ?? 0) + 1)
    else if (edge === 'end') {
      // Of environments within their own kind only the outermost end is one.
      const depth = (depths.get(name) ?? 0) - 1
      depths.set(name, Math.max(0, depth))
      if (depth <= 0) {
        const places = ends.get(name) ?? []
        places.push(index)
        ends.set(name, places)
      }
    } else if (mark[0] === '\n') blanks.push(index)
    else closers.get(mark)?.push(index)
  }
  return { closers, blanks, ends }
}

function closingOf(
  state: StateBlock,
  { closing, environment }: OpenMath,
  from: number,
  openedAt: number,
): { at?: number; isFar: boolean } {
  const { closers, blanks, ends } = closingsOf.get(state) ?? readClosings(state.src)
  if (!closingsOf.has(state)) closingsOf.set(state, { closers, blanks, ends })
  const places = (environment === undefined ? closers.get(closing) : ends.get(environment)) ?? []
  const limit = openedAt + displayCharsMax
  const blank = closing === '\\)' ? (firstFrom(blanks, from - 1) ?? limit) : limit
  const at = firstFrom(places, from)
  const isFar = state.src.length > limit || blank < Math.min(limit, state.src.length)
  return at !== undefined && at < Math.min(limit, blank)
    ? { at, isFar }
    : { isFar: isFar || at !== undefined }
}

/** The first of the growing numbers that is no less than `from`. */
function firstFrom(numbers: number[], from: number): number | undefined {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) < from) low = middle + 1
    else high = middle
  }
  return numbers[low]
}

function lineAt(state: StateBlock, at: number, from: number): number {
  let line = from
  while ((state.eMarks[line] ?? at) < at) line++
  return line
}
