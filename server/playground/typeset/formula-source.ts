import { matchPairs } from './match-pairs.ts'

/** Groups of words within a formula, as KaTeX knows them. */
const wordCommands = new Set(
  [
    'text',
    'textrm',
    'textbf',
    'textit',
    'textsf',
    'texttt',
    'textnormal',
    'textup',
    'textmd',
  ].concat([
    'mbox',
    'hbox',
    'fbox',
    'framebox',
    'emph',
    'tag',
    'tag*',
    'intertext',
    'shortintertext',
  ]),
)

/** A command, an escape, a brace, or one of the signs that mean something else in LaTeX than what was meant. */
const parts = /\\(?:[A-Za-z]+\*?|[\s\S])|[{}%#_^&$]/g
const definitions =
  /\\(?:[egx]?def|(?:re|provide)?newcommand|providecommand|DeclareMathOperator)(?![A-Za-z])/

/** Environments that KaTeX lacks, as one that shows the same. */
const environments: Record<string, [begin: string, end: string]> = {
  eqnarray: ['\\begin{darray}{rcl}', '\\end{darray}'],
  flalign: ['\\begin{align}', '\\end{align}'],
  multline: ['\\begin{gather}', '\\end{gather}'],
  multlined: ['\\begin{gathered}', '\\end{gathered}'],
  displaymath: ['', ''],
  math: ['', ''],
  subequations: ['', ''],
  psmallmatrix: ['\\left(\\begin{smallmatrix}', '\\end{smallmatrix}\\right)'],
  bsmallmatrix: ['\\left[\\begin{smallmatrix}', '\\end{smallmatrix}\\right]'],
}

/**
 * The formula as KaTeX has to be given it, so that it shows what was written: as `signsAsMeant`, without packages, and
 * with environments that it has.
 */
export function formulaSource(tex: string): string {
  return signsAsMeant(withoutPackages(tex))
    .replaceAll(/\\[mh]box(?![A-Za-z])/g, '\\text')
    .replaceAll(/\\framebox(?![A-Za-z])/g, '\\fbox')
    .replace(/\\(begin|end)\s*\{([A-Za-z]+)(\*?)\}/g, (whole, edge: string, name: string) => {
      const known = Object.hasOwn(environments, name) ? environments[name] : undefined
      return known ? known[edge === 'begin' ? 0 : 1] : whole
    })
}

/**
 * A percent sign would begin a comment, and swallow the rest of what was written; in words `_ ^ # &` and a lone `$` are
 * those signs; prose in a box keeps its spaces.
 */
export function signsAsMeant(tex: string): string {
  const hasDefinitions = definitions.test(tex)
  const modes: ('math' | 'words')[] = []
  let wordsNext = false
  const boxed = tex.replace(
    /\\(boxed|fbox)\s*\{([^{}\\^_$]*)\}/g,
    (whole, name: string, inner: string) =>
      name === 'boxed' && isProse(inner) ? `\\boxed{\\text{${inner}}}` : whole,
  )
  const dollars = oddDollars(boxed)
  return boxed.replace(parts, (part, at: number) => {
    const inWords = modes.at(-1) === 'words'
    if (part === '{') {
      modes.push(wordsNext || inWords ? 'words' : 'math')
      wordsNext = false
    } else if (part === '}') modes.pop()
    else if (part.startsWith('\\') && part.length > 1) wordsNext = wordCommands.has(part.slice(1))
    else if (part === '%') return '\\%'
    else if (part === '#') return hasDefinitions ? part : '\\#'
    else if (part === '$') {
      if (!inWords) return isBox(boxed) ? '' : part
      return dollars.has(at) ? '\\$' : part
    } else if (inWords && !isInDollars(boxed, at)) {
      if (part === '_' || part === '&') return `\\${part}`
      if (part === '^') return '\\text{\\textasciicircum}'
    }
    return part
  })
}

/** What packages say in arguments that no macro can read; and definitions of what is defined already. */
function withoutPackages(tex: string): string {
  const read = tex
    .replaceAll(/\\enclose\s*\{longdiv\}/g, '\\longdiv')
    .replaceAll(/\\enclose\s*\{box\}/g, '\\boxed')
    .replaceAll(
      /\\DeclareMathOperator\*?\s*\{(\\[A-Za-z]+)\}\s*\{([^{}]*)\}/g,
      '\\def$1{\\operatorname{$2}}',
    )
    .replaceAll(
      /\\(?:(?:re)?newcommand|providecommand)\*?\s*(?:\{\s*(\\[A-Za-z]+)\s*\}|(\\[A-Za-z]+))/g,
      (_, braced?: string, bare?: string) => {
        const name = braced ?? bare ?? ''
        return `\\providecommand{${name}}{}\\renewcommand{${name}}`
      },
    )
    .replaceAll(/\\cline\s*\{1-(\d+)\}/g, (whole, last: string, at: number) => {
      const spec = /\\begin\{array\}\s*\{([^{}]*)\}(?![\s\S]*\\begin\{array\})/.exec(
        tex.slice(0, at),
      )?.[1]
      return spec?.replaceAll(/[^lcr]/g, '').length === Number(last) ? '\\hline' : whole
    })
  return withoutSpans(read)
}

/** `\multicolumn{2}{c}{x}` as its cell and an empty one. */
function withoutSpans(tex: string): string {
  if (!tex.includes('\\multicolumn')) return tex
  const pairs = matchPairs(tex)
  const after = new Map<number, string>()
  const heads = /\\multicolumn\s*\{(\d{1,2})\}\s*\{[^{}]*\}\s*(?=\{)/g
  for (const match of tex.matchAll(heads)) {
    const end = pairs.braceEnd(match.index + match[0].length)
    if (end !== undefined) after.set(end, ' &'.repeat(Math.max(0, Number(match[1]) - 1)))
  }
  const ends = [...after.keys(), tex.length].sort((a, b) => a - b)
  return ends
    .map((end, index) => tex.slice(ends[index - 1] ?? 0, end) + (after.get(end) ?? ''))
    .join('')
    .replaceAll(heads, '')
}

/** Two words beside each other, which mathematics would run together. */
function isProse(inner: string): boolean {
  return /[\p{L}\p{N})%,.]\s+\p{L}{2}|\p{L}{2}\s+[\p{L}\p{N}(]/u.test(inner.trim())
}

function isBox(tex: string): boolean {
  return /^\s*\\(?:boxed|fbox)\s*\{/.test(tex)
}

/** Places of dollars within words that open nothing: `\text{costs $5}`. */
function oddDollars(tex: string): Set<number> {
  const odd = new Set<number>()
  for (const match of tex.matchAll(
    /\\(?:text\w*|mbox|hbox|fbox)\s*\{((?:[^{}\\]|\\[\s\S]|\{[^{}]*\})*)\}/g,
  )) {
    const from = match.index + match[0].length - 1 - (match[1]?.length ?? 0)
    const places = [...(match[1] ?? '').matchAll(/\\[\s\S]|\$/g)].filter(([sign]) => sign === '$')
    if (places.length % 2 === 1) for (const { index } of places) odd.add(from + index)
  }
  return odd
}

/** Whether a sign within words stands between two of their dollars, where it is mathematics again. */
function isInDollars(tex: string, at: number): boolean {
  const from = tex.lastIndexOf('{', at)
  const before = tex.slice(Math.max(from, at - 400), at).match(/(?<!\\)\$/g)?.length ?? 0
  return before % 2 === 1
}
