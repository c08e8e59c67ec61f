import type { Token } from 'markdown-it'
import {
  createMarkdown,
  isMathSpan,
  isTooDeep,
} from '#server/playground/typeset/markdown-parser.ts'
import type { ExportedBranch, RenderText } from './exported.ts'
import { latexFormula } from './latex-formula.ts'
import { packagesOf } from './latex-packages.ts'
import { cjkSign, latexWords } from './latex-symbols.ts'

const markdown = createMarkdown()

const preamble = String.raw`% Compile with XeLaTeX or LuaLaTeX.
\documentclass[11pt]{article}
\usepackage{iftex}
\ifPDFTeX\usepackage[T1]{fontenc}\else\usepackage{fontspec}\fi
\usepackage{amsmath,amssymb,mathtools,cancel,array}
\usepackage[margin=2.5cm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6em plus 0.2em}
\allowdisplaybreaks
\setcounter{MaxMatrixCols}{40}
\providecommand{\R}{\mathbb{R}}\providecommand{\N}{\mathbb{N}}\providecommand{\Z}{\mathbb{Z}}
\providecommand{\lt}{<}\providecommand{\gt}{>}\providecommand{\degree}{\ensuremath{{{}^\circ}}}
\providecommand{\omicron}{o}\providecommand{\bm}[1]{\boldsymbol{#1}}\providecommand{\mathscr}[1]{\mathcal{#1}}
% What is said stays, its colours do not: they are named otherwise here.
\providecommand{\color}[1]{}\providecommand{\textcolor}[2]{#2}
\providecommand{\colorbox}[2]{\mbox{#2}}\providecommand{\fcolorbox}[3]{\fbox{#3}}
\providecommand{\bra}[1]{\langle #1|}\providecommand{\ket}[1]{|#1\rangle}
\providecommand{\braket}[1]{\langle #1\rangle}\providecommand{\set}[1]{\{#1\}}
% A sign that the font does not hold is not left out, but told by its number.
\newcommand{\sign}[1]{\iffontchar\font"#1\relax\char"#1\relax\else[U+#1]\fi}
\providecommand{\argmin}{\operatorname*{arg\,min}}\providecommand{\argmax}{\operatorname*{arg\,max}}
`

const cjkFonts = ['Noto Serif CJK SC', 'Source Han Serif SC', 'Songti SC', 'SimSun']

/** Where xeCJK is not installed: the first font there is that holds all of it. */
const oneFont = cjkFonts.reduceRight(
  (others, font) =>
    `\\IfFontExistsTF{${font}}{\\setmainfont{${font}}\\setmonofont{${font}}}{${others}}`,
  '',
)

const cjk = String.raw`\newcommand{\onefont}{${oneFont}}
\IfFileExists{xeCJK.sty}{\ifXeTeX\usepackage{xeCJK}\else\onefont\fi}
  {\ifXeTeX\XeTeXlinebreaklocale "zh"\XeTeXlinebreakskip=0pt plus 1pt\fi\ifPDFTeX\else\onefont\fi}
`

/** The branch as a document that compiles: formulas that would not are shown as they were written. */
export async function exportLatex(
  { title, at, turns }: ExportedBranch,
  render: RenderText,
): Promise<string> {
  const body: string[] = []
  for (const { question, answer } of turns) {
    body.push(String.raw`\section*{Problem}`, await whole(render(question)))
    if (!answer) continue
    body.push(String.raw`\section*{Answer}`, String.raw`\emph{${escaped(answer.about)}}`)
    if (answer.reasoning) {
      body.push(String.raw`\subsection*{Reasoning}`, String.raw`{\small`)
      body.push(await whole(render(answer.reasoning)), '}', String.raw`\subsection*{Solution}`)
    }
    body.push(await whole(render(answer.content)))
  }
  const text = body.join('\n\n')
  const heading = String.raw`\title{${escaped(title)}}
\author{}
\date{${escaped(at)}}
\begin{document}
\maketitle
`
  const fonts = cjkSign.test(title + text) ? cjk : ''
  return `${preamble}${fonts}${packagesOf(text)}${heading}\n${text}\n\n\\end{document}\n`
}

async function whole(parts: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const part of parts) text += part
  return text.replaceAll(/\n{3,}/g, '\n\n').trim()
}

/** LaTeX of one block of `splitBlocks`. */
export function latexBlock(source: string): string {
  const parsed = markdown.parse(source, {})
  if (isTooDeep(parsed)) return latexCode(source)
  return shallow(parsed).map(block).join('')
}

/** LaTeX nests four lists of a kind, and six of all: what is deeper stands in a row in the last one. */
const nestedMax = 4

function shallow(tokens: Token[]): Token[] {
  let depth = 0
  const nests = /^(bullet_list|ordered_list|blockquote)_(open|close)$/
  return tokens.filter(({ type }) => {
    const [, , what] = nests.exec(type) ?? []
    if (what === 'open') return ++depth <= nestedMax
    if (what === 'close') return depth-- <= nestedMax
    return true
  })
}

/** How many columns the table has, and whether one of its cells is longer than a line. */
function columnsOf(tokens: Token[], table: number): { aligns: string[]; isWide: boolean } {
  const rest = tokens.slice(table)
  const cells = rest.slice(
    0,
    rest.findIndex(({ type }) => type === 'table_close'),
  )
  const row = cells.findIndex(({ type }) => type === 'tr_close')
  const aligns = cells
    .slice(0, row)
    .filter(({ type }) => type === 'th_open')
    .map((cell) => /(left|center|right)/.exec(String(cell.attrGet('style')))?.[1] ?? 'left')
  const isWide = cells.some(({ content }) => content.length > 40) && aligns.length <= 8
  return { aligns, isWide }
}

const opened: Record<string, string> = {
  heading_open: '\n\n\\subsubsection*{',
  heading_close: '}\n\n',
  paragraph_close: '\n\n',
  bullet_list_open: '\n\\begin{itemize}\n',
  bullet_list_close: '\n\\end{itemize}\n\n',
  ordered_list_close: '\n\\end{enumerate}\n\n',
  list_item_open: '\\item ',
  list_item_close: '\n',
  blockquote_open: '\n\\begin{quote}\n',
  blockquote_close: '\n\\end{quote}\n\n',
  hr: '\n\n\\hrulefill\n\n',
  table_close: '\\end{tabular}\n\n',
  tr_close: ' \\\\\n',
}

function block(token: Token, at: number, tokens: Token[]): string {
  if (token.type === 'inline') return inline(token.children ?? [])
  if (token.type === 'fence' || token.type === 'code_block') return latexCode(token.content)
  if (token.type === 'th_open' || token.type === 'td_open') {
    return tokens[at - 1]?.type === 'tr_open' ? '' : ' & '
  }
  if (token.type === 'ordered_list_open') {
    const start = Number(token.attrGet('start') ?? 1)
    // TeX's numbers end at 2^31 - 1; the deeper lists count by themselves.
    const from = Math.min(Math.max(0, start), 1_000_000) - 1
    const counter = token.level === 0 && from !== 0 ? `\\setcounter{enumi}{${from}}\n` : ''
    return `\n\\begin{enumerate}\n${counter}`
  }
  if (token.type === 'table_open') {
    const { aligns, isWide } = columnsOf(tokens, at)
    const share = (0.94 / aligns.length).toFixed(3)
    const spec = aligns.map((align) => {
      if (!isWide) return align.slice(0, 1)
      return `>{\\${ragged[align] ?? 'raggedright'}\\arraybackslash}p{${share}\\linewidth}`
    })
    return `\n\n\\begin{tabular}{${spec.join('')}}\n`
  }
  return opened[token.type] ?? ''
}

const ragged: Record<string, string> = {
  left: 'raggedright',
  center: 'centering',
  right: 'raggedleft',
}

function inline(tokens: Token[]): string {
  return tokens.map(piece).join('')
}

function piece(token: Token): string {
  switch (token.type) {
    case 'text':
      return escaped(token.content)
    case 'math':
      return math(token)
    case 'code_inline':
      return `\\texttt{${escaped(token.content)}}`
    case 'strong_open':
      return '\\textbf{'
    case 'em_open':
      return '\\emph{'
    case 'strong_close':
    case 'em_close':
      return '}'
    case 'link_open':
      return ''
    case 'link_close':
      return ''
    case 'image':
      return escaped(token.content)
    case 'softbreak':
      return '\n'
    case 'hardbreak':
      return '\\newline\n'
    default:
      return ''
  }
}

function math({ content, meta }: Token): string {
  const latex = isMathSpan(meta) && meta.kind === 'formula' ? latexFormula(meta) : undefined
  return latex ?? `\\texttt{${escaped(content)}}`
}

/** Line by line, every blank kept: no text can end it early, as it could a verbatim environment. */
export function latexCode(content: string): string {
  const lines = content.replace(/\n$/, '').split('\n')
  const set = lines.map((line) => `\\mbox{}${escaped(line).replaceAll(' ', '\\ ')}`)
  return `\n\\begin{quote}\\ttfamily\\small\\raggedright\n${set.join('\\\\\n')}\n\\end{quote}\n\n`
}

const special: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '`': '\\textasciigrave{}',
  '"': '\\textquotedbl{}',
}

/** So much without a blank is more than a line: XeTeX ends with it where it may not be broken. */
const unbroken = /([^\s\ue000\ue001]{60})/u

/** Text in which nothing is a command; control characters, which TeX refuses, are left out. */
export function escaped(text: string): string {
  const parts = text.split(unbroken)
  return parts
    .map((part, at) => (at % 2 === 1 ? `${spelt(part)}\\allowbreak{}` : spelt(part)))
    .join('')
}

function spelt(text: string): string {
  return (
    text
      .replaceAll(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, (sign) =>
        sign === '\n' || sign === '\t' ? ' ' : '',
      )
      .replaceAll(/[\\{}$&#%_^~<>|`"]/g, (sign) => special[sign] ?? sign)
      // Two of them would be joined to one sign.
      .replaceAll(/[-',](?=[-',])/g, '$&{}')
      // Behind the end of a line they would be its own.
      .replace(/^\s*[[*]/, (sign) => `{${sign.trim()}}`)
      .replaceAll(/\P{ASCII}+/gu, latexWords)
  )
}
