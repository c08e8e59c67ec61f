import katex from 'katex'
import { consoleCommands } from './console-commands.ts'

/** What KaTeX lets pass and a LaTeX document must not: definitions, files, addresses, HTML, colours by number. */
const refused =
  /\\(?:html\w*|href|url|includegraphics|[egx]?def|let|futurelet|global|long|(?:re)?newcommand|providecommand|char|@\w+|verb)(?![A-Za-z])|color\s*\{?#|(?<!\\)(?:\\\\)*%/i

const standsAlone = /^\\begin\{(align|alignat|gather|equation|multline)(\*?)\}[\s\S]*\\end\{\1\2\}$/

/**
 * The formula for a LaTeX document with amsmath; undefined where it would not compile. KaTeX is the judge: what it cannot
 * parse, a document could not either, and it knows no command that reads, writes or runs anything.
 */
export function latexFormula({
  tex,
  display,
}: {
  tex: string
  display: boolean
}): string | undefined {
  // A blank line ends a paragraph, and no formula may hold that.
  const formula = tex.trim().replaceAll(/\n\s*\n/g, '\n')
  if (formula === '' || refused.test(formula) || consoleCommands.test(formula)) return undefined
  try {
    katex.renderToString(formula, {
      displayMode: display,
      throwOnError: true,
      trust: false,
      strict: 'ignore',
      maxExpand: 500,
      maxSize: 20,
    })
  } catch {
    return undefined
  }
  if (display && standsAlone.test(formula)) return `\n${formula}\n`
  const inner = formula
    .replaceAll(/\\(begin|end)\{(align|gather|alignat)\*?\}/g, '\\$1{$2ed}')
    .replaceAll(/\\(begin|end)\{(equation|multline)\*?\}/g, '')
  return display ? `\n\\[\n${inner}\n\\]\n` : `$${inner}$`
}
