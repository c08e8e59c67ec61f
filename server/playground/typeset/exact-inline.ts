import type MarkdownIt from 'markdown-it'
import type { StateInline } from 'markdown-it'
import { type MathSpan, readMath } from './math-spans.ts'
import { scanDelimiters } from './scan-delimiters.ts'

const spansOf = new WeakMap<StateInline, Map<number, MathSpan>>()

function mathAt(state: StateInline, pos: number): MathSpan | undefined {
  let spans = spansOf.get(state)
  if (!spans) {
    spans = new Map(readMath(state.src).spans.map((span) => [span.start, span]))
    spansOf.set(state, spans)
  }
  return spans.get(pos)
}

/** A formula is one token, which no rule looks into. */
function math(state: StateInline, silent: boolean): boolean {
  const sign = state.src[state.pos]
  if (sign !== '$' && sign !== '\\') return false
  const span = mathAt(state, state.pos)
  if (!span || span.kind === 'code' || span.end > state.posMax) return false
  if (!silent) {
    const token = state.push('math', '', 0)
    token.content = state.src.slice(span.start, span.end)
    token.meta = span
  }
  state.pos = span.end
  return true
}

/** What Markdown gives a meaning to, and so may be escaped. Before another sign a backslash is LaTeX, and stays. */
const escapable = /[\\`*_#+\-.!$%&~<>|"']/

/** `\{` and `\,` outside of mathematics are what they were written as. */
function backslash(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== '\\') return false
  const next = state.src[state.pos + 1]
  if (next === undefined || next === '\n' || escapable.test(next)) return false
  if (!silent) state.pending += '\\'
  state.pos += 1
  return true
}

const lineBreak = /<br\s*\/?>/iy

/** The one tag that models write into cells. */
function br(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== '<') return false
  lineBreak.lastIndex = state.pos
  const [whole] = lineBreak.exec(state.src) ?? []
  if (whole === undefined) return false
  if (!silent) state.push('hardbreak', 'br', 0)
  state.pos += whole.length
  return true
}

const lastLinkOf = new WeakMap<StateInline, number>()

/** A bracket behind which no link ends opens none: it is not looked into, however many there are. */
function bracket(state: StateInline, silent: boolean): boolean {
  const { src, pos } = state
  const isImage = src[pos] === '!' && src[pos + 1] === '['
  if (src[pos] !== '[' && !isImage) return false
  const last = lastLinkOf.get(state) ?? src.lastIndexOf('](')
  lastLinkOf.set(state, last)
  if (last > pos) return false
  const length = isImage ? 2 : 1
  if (!silent) state.pending += src.slice(pos, pos + length)
  state.pos += length
  return true
}

export function exactInline(markdown: MarkdownIt): void {
  const { ruler, State } = markdown.inline
  ruler.before('escape', 'math', math)
  ruler.before('escape', 'backslash', backslash)
  ruler.before('link', 'bracket', bracket)
  ruler.before('autolink', 'br', br)
  markdown.inline.State = class extends State {
    override scanDelims(start: number, canSplitWord: boolean) {
      return scanDelimiters(this.src, start, this.posMax, canSplitWord)
    }
  }
}
