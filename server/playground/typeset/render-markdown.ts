import type { Token } from 'markdown-it'
import { runnableLanguage } from '#server/playground/model/code-bounds.ts'
import { formulaHtml } from './formula-html.ts'
import { highlightCode } from './highlight-code.ts'
import { createMarkdown, isMathSpan, isTooDeep } from './markdown-parser.ts'
import { splitBlocks } from './split-blocks.ts'

/** Without words for them, code has no buttons to be copied or run with: a page without scripts could do nothing. */
export type RenderLabels = { copy?: string; run?: string }

type Env = {
  labels: RenderLabels
  /** Where the ends of links lead, innermost last. */
  links: string[]
}

const markdown = createMarkdown()
const { escapeHtml } = markdown.utils

markdown.renderer.rules = {
  ...markdown.renderer.rules,
  math: (tokens, index, _options, env: Env) => mathHtml(tokens[index], env),
  fence: (tokens, index, _options, env: Env) => {
    const { copy, run } = env.labels
    const labels = isClosed(tokens[index]) ? { copy, run } : { copy }
    const language = /^[\w+#.-]+/.exec(tokens[index]?.info.trim() ?? '')?.[0] ?? ''
    return codeHtml(tokens[index]?.content ?? '', language, labels)
  },
  code_block: (tokens, index, _options, env: Env) =>
    codeHtml(tokens[index]?.content ?? '', '', { copy: env.labels.copy }),
  link_open: (tokens, index, _options, env: Env) => {
    const href = addressOf(tokens[index]?.attrGet('href'))
    env.links.push(href)
    return linkOpen(href)
  },
  link_close: (_tokens, _index, _options, env: Env) => linkClose(env.links.pop() ?? 'about:blank'),
  // An image would tell a stranger's server who reads: it is shown as the link that it is.
  image: (tokens, index) => {
    const token = tokens[index]
    const href = addressOf(token?.attrGet('src'))
    return `${linkOpen(href)}${escapeHtml(wordsOf(token?.children ?? []) || '…')}${linkClose(href)}`
  },
  table_open: () => '<div class="wide"><table>',
  table_close: () => '</table></div>',
  // The page has its own first headings.
  heading_open: (tokens, index) => `<${lowered(tokens[index]?.tag)}>`,
  heading_close: (tokens, index) => `</${lowered(tokens[index]?.tag)}>`,
}

/**
 * HTML of Markdown with LaTeX, block by block: of a text and of its blocks (see split-blocks.ts), one after the other,
 * it is the same. All that the text says is escaped; tags and attributes are only those that are written here, by
 * markdown-it, KaTeX and highlight.js. What cannot be typeset is its source in `<code class="source">`.
 */
export function renderMarkdown(source: string, labels: RenderLabels): string {
  return splitBlocks(source)
    .map((block) => renderBlock(block, labels))
    .join('')
}

/** HTML of one block of `splitBlocks`. */
export function renderBlock(source: string, labels: RenderLabels): string {
  const env: Env = { labels, links: [] }
  const tokens = markdown.parse(source, env)
  if (isTooDeep(tokens)) return `<pre class="source">${escapeHtml(source)}</pre>\n`
  return markdown.renderer.render(tokens, markdown.options, env)
}

function mathHtml(token: Token | undefined, env: Env): string {
  const { content = '', meta } = token ?? {}
  const html = isMathSpan(meta) && meta.kind === 'formula' ? formulaHtml(meta) : undefined
  if (html === undefined || !isMathSpan(meta) || meta.kind !== 'formula') {
    return `<code class="source">${escapeHtml(content)}</code>`
  }
  // What is copied is LaTeX; a page without scripts cannot copy it.
  if (env.labels.copy === undefined) return html
  const tex = meta.display ? `$$\n${meta.tex}\n$$` : `$${meta.tex}$`
  return `<span class="math" data-tex="${escapeHtml(tex)}">${html}</span>`
}

/** What the tokens say, formulas as their source. */
function wordsOf(tokens: Token[]): string {
  return tokens
    .map(({ type, content, children }) => {
      if (type === 'softbreak' || type === 'hardbreak') return ' '
      return children ? wordsOf(children) : content
    })
    .join('')
}

function codeHtml(content: string, language: string, labels: RenderLabels): string {
  const code = content.replace(/\n$/, '')
  const run = labels.run && runnableLanguage(language) ? buttonHtml('run', labels.run) : ''
  const copy = labels.copy ? buttonHtml('copy', labels.copy) : ''
  return `<figure class="code"><figcaption><span>${escapeHtml(language)}</span>${run}${copy}</figcaption><pre><code>${highlightCode(code, language) ?? escapeHtml(code)}</code></pre></figure>\n`
}

function buttonHtml(what: 'copy' | 'run', words: string): string {
  return `<button type="button" data-${what}>${escapeHtml(words)}</button>`
}

/** A fence that was not closed ends where the text does: there may be more of the program, or never will be. */
function isClosed(fence: Token | undefined): boolean {
  const [first = 0, last = 0] = fence?.map ?? []
  const lines = (fence?.content ?? '').split('\n').length - 1
  return lines > 0 && last - first === lines + 2
}

function linkOpen(address: string): string {
  const href = escapeHtml(address)
  return `<a href="${href}" title="${href}" target="_blank" rel="noreferrer noopener nofollow">`
}

/** Where it leads stands beside it, before anybody follows it. */
function linkClose(address: string): string {
  return ` (${escapeHtml(new URL(address).host)})</a>`
}

function addressOf(address: string | null | undefined): string {
  return address && URL.canParse(address) ? address : 'about:blank'
}

function lowered(tag: string | undefined): string {
  return `h${Math.min(6, Number(tag?.slice(1) ?? 1) + 2)}`
}
