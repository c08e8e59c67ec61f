import { undecided } from '#server/answers/work.ts'

const charactersMax = 20_000

const signs: Record<string, string> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '×': '\\times ',
  '·': '\\cdot ',
  '⋅': '\\cdot ',
  '∙': '\\cdot ',
  '÷': '\\div ',
  '∗': '*',
  π: '\\pi ',
  '∞': '\\infty ',
  '≤': '\\le ',
  '≥': '\\ge ',
  '⩽': '\\le ',
  '⩾': '\\ge ',
  '≠': '\\ne ',
  '±': '\\pm ',
  '∓': '\\mp ',
  '≈': '\\approx ',
  '≡': '\\equiv ',
  '∈': '\\in ',
  '∉': '\\notin ',
  '∪': '\\cup ',
  '∩': '\\cap ',
  '∖': '\\setminus ',
  '∅': '\\emptyset ',
  ℝ: '\\mathbb{R}',
  ℤ: '\\mathbb{Z}',
  ℕ: '\\mathbb{N}',
  ℚ: '\\mathbb{Q}',
  ℂ: '\\mathbb{C}',
  '°': '^{\\circ}',
  '′': "'",
  '⌊': '\\lfloor ',
  '⌋': '\\rfloor ',
  '⌈': '\\lceil ',
  '⌉': '\\rceil ',
  '⟨': '\\langle ',
  '⟩': '\\rangle ',
  '∑': '\\sum ',
  '∏': '\\prod ',
  '∫': '\\int ',
  '→': '\\to ',
  '⇒': '\\Rightarrow ',
  '∧': '\\land ',
  '∨': '\\lor ',
  '…': '\\ldots ',
  '½': '\\frac12 ',
  '⅓': '\\frac13 ',
  '⅔': '\\frac23 ',
  '¼': '\\frac14 ',
  '¾': '\\frac34 ',
  '⅕': '\\frac15 ',
  '⅛': '\\frac18 ',
  α: '\\alpha ',
  β: '\\beta ',
  γ: '\\gamma ',
  δ: '\\delta ',
  θ: '\\theta ',
  λ: '\\lambda ',
  μ: '\\mu ',
  ω: '\\omega ',
  φ: '\\phi ',
  '，': ',',
  '、': ',',
  '；': ';',
  '：': ':',
  '（': '(',
  '）': ')',
  '［': '[',
  '］': ']',
  '｛': '\\{',
  '｝': '\\}',
  '＝': '=',
  '＋': '+',
  '－': '-',
  '＜': '<',
  '＞': '>',
  '％': '\\%',
  '。': '',
  '｜': '|',
  '\u00a0': '\\,',
  '\u2009': '\\,',
  '\u202f': '\\,',
  '\u2007': '\\,',
  '\u200b': '',
  '\ufeff': '',
  '“': '',
  '”': '',
  '‘': "'",
  '’': "'",
  '／': '/',
  '≦': '\\le ',
  '≧': '\\ge ',
  ⅈ: '\\mathrm{i}',
  ⅇ: '\\mathrm{e}',
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ'
const superscriptsAs = '0123456789+-n'
const subscripts = '₀₁₂₃₄₅₆₇₈₉'

/** One way to write each sign; delimiters, bold and the full stop around an answer gone. */
export function cleanText(text: string): string {
  if (text.length > charactersMax) undecided('too long')
  const plain = fromUnicode(text.trim())
  if (
    /\\(?:[egx]?def|let|(?:re)?newcommand|DeclareMathOperator|csname|catcode|loop)(?![a-zA-Z])/.test(
      plain,
    )
  )
    undecided('macro definition')
  let rest = plain
    .replace(/,\\!(?=\d{3})/g, '{,}')
    .replace(
      /\\(?:displaystyle|textstyle|scriptstyle|limits|nolimits|nonumber|notag|allowbreak|hfill|strut)(?![a-zA-Z])/g,
      ' ',
    )
  rest = rest.replace(/\\(?:left|right|middle|[bB]ig+[lrm]?)(?![a-zA-Z])\s*\./g, ' ')
  rest = rest.replace(/\\(?:left|right|middle|[bB]ig+[lrm]?)(?![a-zA-Z])/g, ' ')
  for (let again = true; again; ) {
    const inner = unwrapped(rest.trim())
    again = inner !== rest
    rest = inner
  }
  return rest
}

function unwrapped(text: string): string {
  if (text.length > 4 && text.startsWith('$$') && text.endsWith('$$')) return text.slice(2, -2)
  if (/^\$[^$]+\$$/.test(text) && !text.endsWith('\\$')) return text.slice(1, -1)
  if (text.startsWith('\\(') && text.endsWith('\\)')) return text.slice(2, -2)
  if (text.startsWith('\\[') && text.endsWith('\\]')) return text.slice(2, -2)
  if (text.startsWith('**') && text.endsWith('**') && text.length > 4) return text.slice(2, -2)
  const box = /^\\(?:boxed|fbox|framebox)\s*\{/.exec(text)
  if (box && matchingBrace(text, box[0].length - 1) === text.length - 1)
    return text.slice(box[0].length, -1)
  if (
    text.startsWith('{') &&
    !/\\(?:over|choose|atop)(?![a-zA-Z])/.test(text) &&
    matchingBrace(text, 0) === text.length - 1
  )
    return text.slice(1, -1)
  const label =
    /^(?:(?:the\s+)?(?:final\s+)?answer(?:\s+is)?|ans|最终答案|答案)\s*(?:[:=]|是|为|\s)\s*(?=\S)/i.exec(
      text,
    )
  if (label) return text.slice(label[0].length)
  return text
    .replace(/(?:\s|\\[,;:! ]|\\q?quad(?![a-zA-Z]))+$/, '')
    .replace(/^(?:\\[,;:! ]|\\q?quad(?![a-zA-Z]))+/, '')
    .replace(/(?<![.\\])[.;,]$/, '')
}

/** Where the brace at `from` is closed; −1 where it is not. */
export function matchingBrace(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const sign = text[at]
    if (sign === '\\') at++
    else if (sign === '{') depth++
    else if (sign === '}' && --depth === 0) return at
  }
  return -1
}

function fromUnicode(text: string): string {
  let out = ''
  let raised = ''
  let lowered = ''
  for (const sign of text) {
    const up = superscripts.indexOf(sign)
    const down = subscripts.indexOf(sign)
    if (up < 0 && raised) {
      out += `^{${raised}}`
      raised = ''
    }
    if (down < 0 && lowered) {
      out += `_{${lowered}}`
      lowered = ''
    }
    if (up >= 0) raised += superscriptsAs[up]
    else if (down >= 0) lowered += String(down)
    else if (sign >= '！' && sign <= '～')
      out += signs[sign] ?? String.fromCharCode(sign.charCodeAt(0) - 0xfee0)
    else out += signs[sign] ?? sign
  }
  if (raised) out += `^{${raised}}`
  if (lowered) out += `_{${lowered}}`
  return out
    .replace(/√\s*(\d+(?:\.\d+)?)/g, '\\sqrt{$1}')
    .replace(/∛\s*(\d+(?:\.\d+)?)/g, '\\sqrt[3]{$1}')
    .replace(/∛/g, '\\sqrt[3]')
    .replace(/√/g, '\\sqrt ')
}
