import MarkdownIt, { type Token } from 'markdown-it'
import { exactInline } from './exact-inline.ts'
import { exactParagraph } from './exact-paragraph.ts'
import { exactTable } from './exact-table.ts'
import type { MathSpan } from './math-spans.ts'

/** Deeper nesting of blocks is not parsed: such a block is shown as its source, see `isTooDeep`. */
const nestingMax = 60

/**
 * The one parser of Markdown with mathematics: it cuts a growing answer into blocks, and the page and the exports render
 * its tokens. A formula, or the source of one that has no end, is a token `math` whose `meta` is its MathSpan.
 * There are no references, so no block depends on another.
 */
export function createMarkdown(): MarkdownIt {
  const markdown = new MarkdownIt({ html: false, linkify: false, breaks: false })
  Object.assign(markdown.options, { maxNesting: nestingMax })
  markdown.disable(['reference', 'html_block', 'html_inline', 'lheading'])
  // Only what leads openly to another host is a link; everything else stays the text that it is.
  markdown.validateLink = (url) => /^https?:\/\//i.test(url) && URL.canParse(url)
  exactParagraph(markdown)
  exactTable(markdown)
  exactInline(markdown)
  return markdown
}

/** Whether the parser gave up on what is nested in these tokens, and left it out. */
export function isTooDeep(tokens: Token[]): boolean {
  return tokens.some(({ level }) => level >= nestingMax - 1)
}

export function isMathSpan(meta: unknown): meta is MathSpan {
  return typeof meta === 'object' && meta !== null && 'kind' in meta
}
