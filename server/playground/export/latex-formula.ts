import { consoleCommands } from '#server/playground/typeset/console-commands.ts'
import { fitsColumns } from '#server/playground/typeset/fits-columns.ts'
import { formulaHtml } from '#server/playground/typeset/formula-html.ts'
import { signsAsMeant } from '#server/playground/typeset/formula-source.ts'
import { latexSigns, latexWords } from './latex-symbols.ts'
import { isNotInLatex } from './not-in-latex.ts'

/** What KaTeX lets pass and a LaTeX document must not: definitions, files, addresses, HTML, colours by number. */
const refused =
  /\\(?:html\w*|href|url|includegraphics|[egx]?def|let|futurelet|global|long|(?:re)?newcommand|providecommand|char|@\w+|verb)(?![A-Za-z])|\\(?:cfrac|overbracket|underbracket)\s*\[|\\begin\s*\{darray|color\s*\{?#/i

/** The blackboard's alphabet holds capitals alone: anything else would be left out. */
const notOnBlackboard = /\\(?:mathbb|Bbb)\s*(?:\{[^{}]*[^A-Z{}\s]|[^A-Z{\s])/

/** KaTeX takes mathematics between words, LaTeX does not. */
const mathsAmongWords =
  /\\(?:text(?!style)\w*|mbox|emph)\s*\{[^{}$]*\\(?!(?:l?dots|q?quad|text(?!style)\w*|emph|[A-Za-z]+size|small|large|Large|S|P)(?![A-Za-z]))[A-Za-z]/

const standsAlone =
  /^\\begin\{(align|alignat|flalign|gather|equation|eqnarray|multline)(\*?)\}[\s\S]*\\end\{\1\2\}$/

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
  const formula = signsAsMeant(tex.trim()).replaceAll(/\n\s*\n/g, '\n')
  if (
    formula === '' ||
    refused.test(formula) ||
    notOnBlackboard.test(formula) ||
    mathsAmongWords.test(formula) ||
    consoleCommands.test(formula)
  )
    return undefined
  if (
    [...formula.matchAll(/\\([A-Za-z]+|[^A-Za-z])/g)].some(([, name]) => isNotInLatex(name ?? ''))
  ) {
    return undefined
  }
  if (!fitsColumns(formula) || hasBadTag(formula)) return undefined
  if (formulaHtml({ tex: formula, display }) === undefined) return undefined
  if (display && standsAlone.test(formula)) return `\n${withSigns(formula)}\n`
  const inner = withSigns(inMath(formula))
    .replaceAll(/\\(begin|end)\{(align|gather|alignat)\*?\}/g, '\\$1{$2ed}')
    .replaceAll(/\\(begin|end)\{(equation|multline)\*?\}/g, '')
  return display ? `\n\\[\n${inner}\n\\]\n` : `$${inner}$`
}

/** Columns and lines of their own need an environment, as KaTeX was given one. */
function inMath(formula: string): string {
  const outside = formula.replaceAll(/\\begin\{[\s\S]*\\end\{[A-Za-z]+\*?\}/g, '')
  return /(?<!\\)&/.test(outside) ? `\\begin{aligned}${formula}\\end{aligned}` : formula
}

/** Words within the formula keep theirs as among words, the rest as in mathematics. */
function withSigns(formula: string): string {
  const parts = formula.split(/(\\(?:text(?!style)\w*|mbox|emph)\s*\{[^{}$]*\})/)
  return parts.map((part, at) => (at % 2 === 1 ? latexWords(part) : latexSigns(part))).join('')
}

/** LaTeX takes a tag in braces, outside of any others, and not within what is a part of a display. */
function hasBadTag(formula: string): boolean {
  const at = formula.search(/\\tag(?![A-Za-z])/)
  if (at < 0) return false
  if (!/^\\tag\*?\s*\{/.test(formula.slice(at))) return true
  const before = formula.slice(0, at).replaceAll(/\\[^A-Za-z]/g, '')
  const depth = before.split('{').length - before.split('}').length
  return depth !== 0 || (formula.includes('\\begin') && !standsAlone.test(formula))
}
