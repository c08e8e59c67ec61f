import { isMathWord } from '#server/lab/demo-engine/algebra/expression.ts'

const spoken: readonly [RegExp, string][] = [
  [/\bsum of\s+(-?[\d.]+)\s+and\s+(-?[\d.]+\d|\d)/gi, '$1 + $2'],
  [/\bproduct of\s+(-?[\d.]+)\s+and\s+(-?[\d.]+\d|\d)/gi, '$1 * $2'],
  [/\bdifference (?:of|between)\s+(-?[\d.]+)\s+and\s+(-?[\d.]+\d|\d)/gi, '$1 - $2'],
  [/\bto the power (of )?/gi, '^ '],
  [/\b(plus|increased by)\b/gi, '+'],
  [/\bminus\b/gi, '-'],
  [/\b(times|multiplied by)\b/gi, '*'],
  [/\b(divided by|over)\b/gi, '/'],
  [/\bsquared\b/gi, '^2'],
  [/\bcubed\b/gi, '^3'],
  [/\bequals\b|\bis equal to\b/gi, '='],
  [/\bsquare root of\s+(\d[\d.]*|[a-z])\b/gi, 'sqrt($1)'],
  [/\bsquare root of\b/gi, 'sqrt '],
  [/\bcube root of\s+(\d[\d.]*|[a-z])\b/gi, '(($1)^(1/3))'],
  [/\bnatural log(arithm)? of\s+(\w+)/gi, 'log($2)'],
]

/** Operations said in words, as signs. */
export function readSpokenMath(text: string): string {
  return spoken.reduce((read, [pattern, sign]) => read.replace(pattern, sign), text)
}

/** Thousands separators taken out: only where the commas cannot separate a list. */
export function withoutGrouping(text: string): string {
  return text.replace(/(?<![\d.,(])\d{1,3}(,\d{3})+(?![\d,])/g, (digits) =>
    digits.replaceAll(',', ''),
  )
}

/** The longest stretches that can be formulas, between words and punctuation. */
export function formulasIn(text: string): string[] {
  const parts = text.match(/[A-Za-z]+|\d+(?:\.\d+)?|[^\sA-Za-z\d]|\s+/g) ?? []
  const formulas: string[] = []
  let current = ''
  let depth = 0
  const end = () => {
    const formula = current
      .trim()
      .replace(/^[).,:;]+|[,.:;]+$/g, '')
      .trim()
    if (/[A-Za-z\d]/.test(formula)) formulas.push(formula)
    current = ''
    depth = 0
  }
  for (const [i, part] of parts.entries()) {
    const attached = /\d$/.test(parts[i - 1] ?? '')
    if (/^[A-Za-z]/.test(part) ? !isFormulaWord(part, attached) : breaksFormula(part, depth)) end()
    else {
      if (part === '(') depth += 1
      if (part === ')') depth = Math.max(0, depth - 1)
      current += part
    }
  }
  end()
  return formulas
}

function isFormulaWord(word: string, attached: boolean): boolean {
  if (word === 'I' || (word === 'a' && !attached)) return false
  if (word.length === 1 || isMathWord(word.toLowerCase())) return true
  return (
    /^[xyzt]{2,3}$/.test(word) ||
    (attached && /^[a-z]{2}$/.test(word) && !/^(st|nd|rd|th|is|to)$/.test(word))
  )
}

function breaksFormula(part: string, depth: number): boolean {
  if (part.includes('\n')) return depth === 0
  if (part === ',') return depth === 0
  return !/^[\s+\-*/^=().!|\d]/.test(part)
}
