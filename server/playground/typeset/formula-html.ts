import katex from 'katex'
import 'katex/contrib/mhchem'
import { consoleCommands } from './console-commands.ts'
import { formulaMacros } from './formula-macros.ts'
import { formulaSource } from './formula-source.ts'

export type Formula = { tex: string; display: boolean }

/** Definitions can say much with little: their formulas are short, and expand to no more tokens than this. */
const defining = { charsMax: 2000, tokensMax: 40_000 }
const definitions =
  /\\(?:[egx]?def|let|futurelet|(?:re)?newcommand|providecommand|DeclareMathOperator)(?![A-Za-z])/

/** Within others, or in a line, displays are parts. */
const asParts: [RegExp, string][] = [
  [/\\(begin|end)\{(align|gather|alignat)\*?\}/g, '\\$1{$2ed}'],
  [/\\(begin|end)\{equation\*?\}/g, ''],
]

/**
 * HTML of a formula; undefined where KaTeX cannot typeset all of it, or would take long: a macro lives as long as its
 * formula and cannot grow, nothing of it loads, links or runs.
 */
export function formulaHtml({ tex, display }: Formula): string | undefined {
  const hasDefinitions = definitions.test(tex)
  if (consoleCommands.test(tex) || tex.trim() === '') return undefined
  if (hasDefinitions && tex.length > defining.charsMax) return undefined
  const source = formulaSource(tex)
  const parted = asParts.reduce((text, [from, to]) => text.replaceAll(from, to), source)
  const candidates = [source, parted, `\\begin{aligned}${parted}\\end{aligned}`]
  for (const [index, candidate] of candidates.entries()) {
    if (index === 1 && parted === source) continue
    // Columns and lines without the environment that they belong to.
    if (index === 2 && !/(?<!\\)&|\\\\/.test(parted)) continue
    const html = typeset(candidate, display, hasDefinitions)
    if (html !== undefined) return html
  }
  return undefined
}

function typeset(source: string, display: boolean, hasDefinitions: boolean): string | undefined {
  try {
    return katex.renderToString(source, {
      displayMode: display,
      throwOnError: true,
      trust: false,
      strict: 'ignore',
      maxExpand: hasDefinitions ? expansionsOf(source) : 1000,
      maxSize: 20,
      macros: { ...formulaMacros },
    })
  } catch {
    // It is no LaTeX that KaTeX knows, or nested deeper than the stack.
    return undefined
  }
}

/** Each expansion adds at most a body with its arguments, and none of these is longer than the formula. */
function expansionsOf(source: string): number {
  const places = (source.match(/#/g)?.length ?? 0) + 1
  return Math.max(10, Math.floor(defining.tokensMax / (source.length * places)))
}
