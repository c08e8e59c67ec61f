import type MarkdownIt from 'markdown-it'
import type { StateBlock } from 'markdown-it'
import { readMath } from './math-spans.ts'

const delimiterRow = /^[\s|:-]*-[\s|:-]*$/

/**
 * Tables as GFM has them, but a bar of a formula or a code span ends no cell. While the rule reads the lines, such bars
 * are a sign that the text does not have.
 */
export function exactTable(markdown: MarkdownIt): void {
  const table = tableRule(markdown)
  if (!table) throw new Error('markdown-it has no rule for tables.')
  markdown.block.ruler.at(
    'table',
    (state, startLine, endLine, silent) => {
      if (startLine + 1 >= endLine || !delimiterRow.test(lineOf(state, startLine + 1))) return false
      const { src } = state
      const mask = unusedSign(src)
      const before = state.tokens.length
      const run = (lines: number, isSilent: boolean) => {
        state.src = masked(state, startLine, lines, mask)
        const found = table(state, startLine, endLine, isSilent)
        state.src = src
        return found
      }
      // The header alone decides whether it is one: the rest is looked through only then.
      if (!run(1, true)) return false
      if (silent) return true
      let lines = 1
      while (startLine + lines < endLine && !state.isEmpty(startLine + lines)) lines++
      run(lines, false)
      for (const token of state.tokens.slice(before)) {
        if (token.type === 'inline') token.content = token.content.replaceAll(mask, '|')
      }
      return true
    },
    { alt: ['paragraph', 'reference'] },
  )
}

function lineOf(state: StateBlock, line: number): string {
  return state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line])
}

function masked(state: StateBlock, first: number, lines: number, mask: string): string {
  const from = state.bMarks[first] ?? 0
  const end = state.eMarks[first + lines - 1] ?? from
  const rows = state.src
    .slice(from, end)
    .split('\n')
    .map((row) => {
      if (!row.includes('|') || !/[$`\\]/.test(row)) return row
      let text = ''
      let kept = 0
      for (const { start, end: spanEnd } of readMath(row).spans) {
        text += row.slice(kept, start) + row.slice(start, spanEnd).replaceAll('|', mask)
        kept = spanEnd
      }
      return text + row.slice(kept)
    })
  return state.src.slice(0, from) + rows.join('\n') + state.src.slice(end)
}

function unusedSign(text: string): string {
  for (let code = 0xe000; code < 0xf8ff; code++) {
    const sign = String.fromCharCode(code)
    if (!text.includes(sign)) return sign
  }
  return '\ufffe'
}

/** The rule that is missing while tables are off: names of functions do not survive a minified bundle. */
function tableRule({ block: { ruler } }: MarkdownIt) {
  const rules = ruler.getRules('')
  ruler.disable('table')
  const others = new Set(ruler.getRules(''))
  ruler.enable('table')
  return rules.find((rule) => !others.has(rule))
}
