import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitBlocks } from '#server/playground/typeset/split-blocks.ts'
import { escaped, exportLatex, latexBlock } from './export-latex.ts'
import type { ExportedBranch } from './exported.ts'
import { latexFormula } from './latex-formula.ts'

test('Markdown becomes LaTeX, formulas stay what they are', async () => {
  const source =
    'So **$x_1$** is `a_b` & 50%:\n\n$$\n\\frac{1}{2}\n$$\n\n3. one\n4. two [link](https://example.org)\n\n' +
    '| a | b |\n|---|---|\n| $1$ | 2 |\n\n```python\nx = {1: "\\end{quote}"}\n```\n'
  const latex = await latexOf({ title: 'T', at: '2026', turns: [{ question: source }] })
  expect(latex).toContain('So \\textbf{$x_1$} is \\texttt{a\\_b} \\& 50\\%:')
  expect(latex).toContain('\\[\n\\frac{1}{2}\n\\]')
  expect(latex).toContain('\\begin{enumerate}\n\\setcounter{enumi}{2}\n\\item one')
  expect(latex).toContain('\\begin{tabular}{ll}\na & b \\\\\n$1$ & 2 \\\\\n')
  expect(latex).toContain('\\textbackslash{}end\\{quote\\}')
})

test.each([
  ['\\frac{1}{2', false],
  ['\\input{/etc/passwd}', false],
  ['\\write18{ls}', false],
  ['\\message{a line}', false],
  ['\\errmessage{a line}', false],
  ['\\show\\x', false],
  ['\\def\\x{1}\\x', false],
  ['\\newcommand{\\x}{1}', false],
  ['\\href{javascript:x}{y}', false],
  ['\\undefinedcommand', false],
  ['\\mathbb{1}_A', false],
  ['\\begin{array}{cc} a & b & c \\end{array}', true],
  ['\\begin{cases} a & b & c \\\\ d \\end{cases}', true],
  ['{x \\tag{1}}', true],
  ['\\begin{aligned} x \\tag{1} \\end{aligned}', true],
  ['\\oiint x', false],
  ["\\'{a}", false],
  ['a \\mkern1em b', false],
  ['\\blueA{x}', false],
  ['\\text{a \\displaystyle b}', false],
  ['\\overbracket[1]{x}', false],
  ['a \\& b', false],
])('%s is not let into a document', (tex, display) => {
  const found = latexFormula({ tex, display })
  if (tex === 'a \\& b') expect(found).toBe('$a \\& b$')
  else expect(found).toBeUndefined()
})

test('environments of their own stand alone, inside others they are parts', async () => {
  const align = '\\begin{align}a &= b\\\\\n\nc &= d\\end{align}'
  expect(latexFormula({ tex: align, display: true })).toBe(
    '\n\\begin{align}a &= b\\\\\nc &= d\\end{align}\n',
  )
  expect(latexFormula({ tex: 'x = \\begin{aligned}a\\end{aligned}', display: true })).toContain(
    '\\[\nx = \\begin{aligned}',
  )
})

test('what LaTeX has by other packages, or not at all, is in the document’s own preamble', async () => {
  const tex = '\\bm{x} + \\mathscr{L} + \\textcolor{red}{y} + \\colorbox{red}{z} + \\ket{0}'
  expect(latexFormula({ tex, display: false })).toBe(`$${tex}$`)
  const latex = await latexOf({ title: 'T', at: '2026', turns: [] })
  for (const name of ['bm', 'mathscr', 'color', 'textcolor', 'colorbox', 'fcolorbox', 'ket']) {
    expect(latex).toContain(`\\providecommand{\\${name}}`)
  }
})

test('signs that the fonts of LaTeX do not hold are commands, or said by their number: none is left out', async () => {
  expect(escaped('α ≤ 2⁻³ é 数 😀')).toBe(
    '\\ensuremath{\\alpha} \\ensuremath{\\leq} 2\\ensuremath{^{-3}} é 数 \\sign{1F600}',
  )
  const formula = { tex: 'x^α ≤ y₁₂ \\text{ für } β, v = 数', display: false }
  expect(latexFormula(formula)).toBe(
    '$x^\\alpha  \\leq  y_{12} \\text{ für } \\beta , v = \\text{数}$',
  )
})

test('lists deeper than LaTeX nests them keep their items, tables have as many columns as they need', async () => {
  const deep = Array.from({ length: 9 }, (_, depth) => `${'  '.repeat(depth)}- level ${depth}`)
  const lists = await latexOf({ title: 'T', at: '2026', turns: [{ question: deep.join('\n') }] })
  expect(lists.match(/\\begin\{itemize\}/g)).toHaveLength(4)
  expect(lists.match(/\\item level \d/g)).toHaveLength(9)
  const row = (cell: string) => `|${cell.repeat(45)}\n`
  const table = await latexOf({
    title: 'T',
    at: '2026',
    turns: [{ question: row(' h |') + row('--|') + row(' 1 |') }],
  })
  expect(table).toContain(`\\begin{tabular}{${'l'.repeat(45)}}`)
})

test('what has no blank for longer than a line may be broken, but never within a formula', async () => {
  const source = `${'7'.repeat(150)}\\(x\\)${'w'.repeat(70)}\\(y\\)`
  const latex = await latexOf({ title: 'T', at: '2026', turns: [{ question: source }] })
  const broken = (sign: string, ...lengths: number[]) =>
    lengths.map((length) => sign.repeat(length)).join('\\allowbreak{}')
  expect(latex).toContain(`${broken('7', 60, 60, 30)}$x$${broken('w', 60, 10)}$y$`)
})

test('no text can say a command, whatever it holds', async () => {
  const anyText = fc.string({ unit: fc.constantFrom(...'\\{}$&#%_^~-<>|`\'"[]* a\n\t\0é数') })
  fc.assert(
    fc.property(anyText, (text) => {
      const commands = [...escaped(text).matchAll(/\\([A-Za-z]+|.)/g)].map(([, name]) => name)
      const known =
        /^(allowbreak|text(backslash|ascii(circum|tilde|grave)|less|greater|bar|quotedbl)|[{}$&#%_])$/
      expect(commands.filter((name) => !known.test(name ?? ''))).toEqual([])
      expect(balanceOf(escaped(text))).toBe(0)
    }),
  )
})

test('whatever a model writes, groups and environments are closed', async () => {
  const parts = [
    ...['**', '*', '`', '```\n', '$', '$$', '\\(', '\\)', '\\[', '\\]', '\\frac{1}{', '}', '{'],
    ...['\n\n', '\n', '- ', '1. ', '> ', '# ', '| a | b |\n|--|--|\n', 'x', ' ', '\\begin{align}'],
    ...['\\end{align}', '\\end{document}', '\\input{x}', '%', '&', '[a](https://x.y)', '!', '\\\\'],
  ]
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...parts), { maxLength: 25 }), async (some) => {
      const turns = [
        {
          question: some.join(''),
          answer: { reasoning: some.join(''), content: some.join(''), about: 'a_b' },
        },
      ]
      const latex = await latexOf({ title: some.join(''), at: '2026', turns })
      expect(balanceOf(latex)).toBe(0)
      expect(latex.match(/\\end\{document\}/g)).toHaveLength(1)
      const open: string[] = []
      // Behind a line break, which is two backslashes, an environment may end.
      const commands = /(?<!\\)(?:\\\\)*\\(begin|end)\{([a-z*]+)\}/g
      for (const [, what, name] of latex.matchAll(commands)) {
        if (what === 'begin') open.push(name ?? '')
        else expect(open.pop()).toBe(name)
      }
      expect(open).toEqual([])
    }),
    { numRuns: 300 },
  )
})

function latexOf(branch: ExportedBranch): Promise<string> {
  return exportLatex(branch, async function* (source) {
    for (const block of splitBlocks(source)) yield latexBlock(block)
  })
}

/** Opening braces less closing ones, escaped ones left out; NaN where one closes what was not opened. */
function balanceOf(latex: string): number {
  let depth = 0
  for (const [sign] of latex.replaceAll(/^%.*$/gm, '').matchAll(/\\[\s\S]|[{}]/g)) {
    if (sign === '{') depth++
    if (sign === '}' && --depth < 0) return Number.NaN
  }
  return depth
}

test.each([
  ['25%', '$25\\%$'],
  ['\\text{a_b}', '$\\text{a\\_b}$'],
  ['\\ce{H2O}', '$\\ce{H2O}$'],
  ['\\abs{x}', '$\\abs{x}$'],
])('%s is in a document what was meant: %s', (tex, latex) => {
  expect(latexFormula({ tex, display: false })).toBe(latex)
})

test('alignment of columns, labels and packages are kept', async () => {
  const align = '\\begin{align} a &= b \\label{x} \\end{align}'
  const table = '| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |'
  const question = `${align}\n\n${table}\n\n$\\ce{H2O}$ and $\\norm{v}$`
  const latex = await latexOf({ title: 'T', at: '2026', turns: [{ question }] })
  expect(latex).toContain(align)
  expect(latex).toContain('\\begin{tabular}{lcr}\na & b & c \\\\\n1 & 2 & 3 \\\\\n\\end{tabular}')
  expect(latex).toContain('mhchem')
  expect(latex).toContain('\\providecommand{\\norm}[1]')
})
