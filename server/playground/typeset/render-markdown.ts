import katex from 'katex'
import MarkdownIt, { type Token } from 'markdown-it'
import { runnableLanguage } from '#server/playground/model/code-bounds.ts'
import { consoleCommands } from './console-commands.ts'
import { highlightCode } from './highlight-code.ts'
import { type Formula, formulasIn, protectMath, restoreMath } from './protect-math.ts'

/** Without words for them, code has no buttons to be copied or run with: a page without scripts could do nothing. */
export type RenderLabels = { copy?: string; run?: string }

type Env = {
  formulas: Formula[]
  labels: RenderLabels
  /** What was made of a formula already. */
  made?: Map<Formula, string>
}

/** What a model writes may not run, load or grow without bound; a macro lives as long as its formula. */
const katexOptions = {
  throwOnError: false,
  errorColor: 'var(--color-bad)',
  trust: false,
  strict: 'ignore' as const,
  maxExpand: 500,
  maxSize: 20,
}

const markdown = new MarkdownIt({ html: false, linkify: false, breaks: false })
const { escapeHtml } = markdown.utils

// Only what leads openly to another host is a link; everything else stays the text that it is.
markdown.validateLink = (url) => /^https?:\/\//i.test(url) && URL.canParse(url)

markdown.renderer.rules = {
  ...markdown.renderer.rules,
  text: (tokens, index, _options, env: Env) =>
    restoreMath(
      escapeHtml(tokens[index]?.content ?? ''),
      env.formulas,
      (formula) => env.made?.get(formula) ?? formulaHtml(formula),
    ),
  code_inline: (tokens, index, _options, env: Env) =>
    `<code>${escapeHtml(sourceOf(tokens[index]?.content ?? '', env))}</code>`,
  code_block: (tokens, index, _options, env: Env) =>
    codeHtml(sourceOf(tokens[index]?.content ?? '', env), '', { copy: env.labels.copy }),
  fence: (tokens, index, _options, env: Env) => {
    const { copy, run } = env.labels
    const labels = isClosed(tokens[index]) ? { copy, run } : { copy }
    const language = /^[\w+#.-]+/.exec(tokens[index]?.info.trim() ?? '')?.[0] ?? ''
    return codeHtml(sourceOf(tokens[index]?.content ?? '', env), language, labels)
  },
  link_open: (tokens, index, _options, env: Env) => linkOpen(tokens[index]?.attrGet('href'), env),
  link_close: (tokens, index, _options, env: Env) => {
    const opened = tokens.slice(0, index).findLast(({ type }) => type === 'link_open')
    return linkClose(opened?.attrGet('href'), env)
  },
  // An image would tell a stranger's server who reads: it is shown as the link that it is.
  image: (tokens, index, options, env: Env, self) => {
    const token = tokens[index]
    const alt = self.renderInlineAsText(token?.children ?? [], options, env)
    const href = token?.attrGet('src')
    return `${linkOpen(href, env)}${escapeHtml(sourceOf(alt, env) || '…')}${linkClose(href, env)}`
  },
  table_open: () => '<div class="wide"><table>',
  table_close: () => '</table></div>',
  // The page has its own first headings.
  heading_open: (tokens, index) => `<${lowered(tokens[index]?.tag)}>`,
  heading_close: (tokens, index) => `</${lowered(tokens[index]?.tag)}>`,
}

/**
 * HTML of one block of Markdown with LaTeX. All that the text says is escaped; tags and attributes are only those
 * that are written here, by markdown-it, KaTeX and highlight.js.
 */
export function renderMarkdown(source: string, labels: RenderLabels): string {
  const { text, formulas } = protectMath(source)
  return markdown.render(text, { formulas, labels } satisfies Env)
}

/** The same in pieces, none of them more work than one formula or one block: in between, others can be served. */
export function* markdownPieces(source: string): Generator<string> {
  const { text, formulas } = protectMath(source)
  const made = new Map<Formula, string>()
  const env: Env = { formulas, labels: {}, made }
  for (const block of topBlocks(markdown.parse(text, env))) {
    for (const { children } of block) {
      for (const { type, content } of children ?? []) {
        if (type !== 'text') continue
        for (const formula of formulasIn(content, formulas)) {
          made.set(formula, formulaHtml(formula))
          yield ''
        }
      }
    }
    yield markdown.renderer.render(block, markdown.options, env)
    made.clear()
  }
}

function* topBlocks(tokens: Token[]): Generator<Token[]> {
  let start = 0
  for (const [index, { level, nesting }] of tokens.entries()) {
    if (level > 0 || nesting > 0) continue
    yield tokens.slice(start, index + 1)
    start = index + 1
  }
}

function formulaHtml({ tex, display, source }: Formula): string {
  if (consoleCommands.test(tex)) return `<code>${escapeHtml(source)}</code>`
  try {
    return katex.renderToString(tex, { ...katexOptions, displayMode: display })
  } catch {
    // Nested deeper than the stack is, for one: what was written is shown.
    return `<code>${escapeHtml(source)}</code>`
  }
}

function sourceOf(text: string, env: Env): string {
  return restoreMath(text, env.formulas, ({ source }) => source)
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

function linkOpen(encoded: string | null | undefined, env: Env): string {
  const href = escapeHtml(addressOf(encoded, env))
  return `<a href="${href}" title="${href}" target="_blank" rel="noreferrer noopener nofollow">`
}

/** Where it leads stands beside it, before anybody follows it. */
function linkClose(encoded: string | null | undefined, env: Env): string {
  return ` (${escapeHtml(new URL(addressOf(encoded, env)).host)})</a>`
}

function addressOf(encoded: string | null | undefined, env: Env): string {
  const address = (encoded ?? '').replaceAll(/%EE%80%80(\d+)%EE%80%81/g, (_, index: string) =>
    encodeURI(env.formulas[Number(index)]?.source ?? ''),
  )
  return URL.canParse(address) ? address : 'about:blank'
}

function lowered(tag: string | undefined): string {
  return `h${Math.min(6, Number(tag?.slice(1) ?? 1) + 2)}`
}
