/** One formula of a text: what KaTeX gets, and what stood there. */
export type Formula = { tex: string; display: boolean; source: string }

const formulaCharsMax = 20_000
const environments =
  'align|alignat|aligned|array|cases|equation|gather|gathered|matrix|pmatrix|bmatrix|vmatrix|split|multline'

/** A fence, a run of backticks, an environment, an escape or a dollar: all that decides where mathematics stands. */
const tokens = new RegExp(
  `^ {0,3}(\`{3,}|~{3,})|(\`+)|\\\\begin\\{((?:${environments})\\*?)\\}|\\\\[\\s\\S]|\\$\\$?`,
  'gm',
)

/**
 * Takes the formulas out of Markdown before it is parsed, for it would eat their backslashes and cut table cells at
 * their bars. Each becomes a placeholder that no Markdown rule touches. Knows `$ $$ \( \[` and bare environments;
 * code stays as it is; `$5 and $10` is money, by Pandoc's rule.
 */
export function protectMath(markdown: string): { text: string; formulas: Formula[] } {
  const clean = markdown.replaceAll(/[\ue000\ue001]/g, '\ufffd')
  const formulas: Formula[] = []
  let text = ''
  let kept = 0
  tokens.lastIndex = 0
  for (let match = tokens.exec(clean); match; match = tokens.exec(clean)) {
    const [token, fence, ticks, environment] = match
    const start = match.index
    const from = start + token.length
    if (fence !== undefined) {
      tokens.lastIndex = fenceEnd(clean, from, fence)
      continue
    }
    if (ticks !== undefined) {
      tokens.lastIndex = codeSpanEnd(clean, from, ticks.length)
      continue
    }
    const found = formulaAt(clean, token, start, from, environment)
    if (!found || found.end - start > formulaCharsMax) continue
    text += `${clean.slice(kept, start)}\ue000${formulas.length}\ue001`
    formulas.push({ ...found, source: clean.slice(start, found.end) })
    kept = found.end
    tokens.lastIndex = found.end
  }
  return { text: text + clean.slice(kept), formulas }
}

const placeholder = /\ue000(\d+)\ue001/g

/** The formulas whose placeholders stand in the text, in their order. */
export function formulasIn(text: string, formulas: Formula[]): Formula[] {
  return [...text.matchAll(placeholder)].flatMap(([, index]) => formulas[Number(index)] ?? [])
}

/** Puts back, for every placeholder of the text, what `shown` makes of its formula. */
export function restoreMath<F extends Formula>(
  text: string,
  formulas: F[],
  shown: (formula: F) => string,
): string {
  return text.replaceAll(placeholder, (_, index: string) => {
    const formula = formulas[Number(index)]
    return formula ? shown(formula) : ''
  })
}

function formulaAt(
  text: string,
  token: string,
  start: number,
  from: number,
  environment: string | undefined,
): { tex: string; display: boolean; end: number } | undefined {
  if (environment !== undefined) {
    const closing = `\\end{${environment}}`
    const at = text.indexOf(closing, from)
    if (at < 0) return undefined
    const end = at + closing.length
    return { tex: text.slice(start, end), display: true, end }
  }
  if (token === '\\(') return between(text, from, '\\)', false)
  if (token === '\\[') return between(text, from, '\\]', true)
  if (token === '$$') return between(text, from, '$$', true)
  return token === '$' ? inlineDollar(text, from) : undefined
}

function between(text: string, from: number, closing: string, display: boolean) {
  const at = text.indexOf(closing, from)
  const tex = text.slice(from, at)
  if (at < 0 || tex.trim() === '' || (!display && /\n\s*\n/.test(tex))) return undefined
  return { tex: tex.trim(), display, end: at + closing.length }
}

/** Opens before a non-space, closes behind one, and is not followed by a digit; a blank line ends the search. */
function inlineDollar(text: string, from: number) {
  if (/[\s$]/.test(text[from] ?? ' ')) return undefined
  const next = /\\[\s\S]|\$|\n\s*\n/g
  next.lastIndex = from
  for (let match = next.exec(text); match; match = next.exec(text)) {
    if (match[0].startsWith('\\')) continue
    const closes =
      match[0] === '$' &&
      /\S/.test(text[match.index - 1] ?? ' ') &&
      !/\d/.test(text[match.index + 1] ?? '')
    if (!closes) return undefined
    return { tex: text.slice(from, match.index), display: false, end: match.index + 1 }
  }
  return undefined
}

function fenceEnd(text: string, from: number, fence: string): number {
  const closing = new RegExp(`^ {0,3}[${fence[0]}]{${fence.length},} *$`, 'gm')
  closing.lastIndex = Math.max(from, text.indexOf('\n', from))
  return closing.exec(text) ? closing.lastIndex : text.length
}

/** Behind the run of as many backticks that closes it; where there is none, it opens nothing. */
function codeSpanEnd(text: string, from: number, length: number): number {
  const runs = /`+|\n\s*\n/g
  runs.lastIndex = from
  for (let match = runs.exec(text); match; match = runs.exec(text)) {
    if (match[0][0] !== '`') return from
    if (match[0].length === length) return runs.lastIndex
  }
  return from
}
