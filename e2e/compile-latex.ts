import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { exportLatex, latexBlock } from '#server/playground/export/export-latex.ts'
import type { ExportedBranch } from '#server/playground/export/exported.ts'
import { latexFormula } from '#server/playground/export/latex-formula.ts'
import { splitBlocks } from '#server/playground/typeset/split-blocks.ts'
import { conversations, pieces } from './support/latex-conversations.ts'

/**
 * Compiles what the LaTeX export gives: conversations with everything in them, every command that KaTeX knows, and what
 * chance makes of Markdown and LaTeX. Ends with 1 where one does not compile, or a sign is left out of it.
 */
if (spawnSync('xelatex', ['--version']).status !== 0) {
  console.error(`There is no xelatex here. On Debian: apt-get install texlive-xetex`)
  process.exit(1)
}
const folder = mkdtempSync(join(tmpdir(), 'bindery-latex-'))
let failed = 0

function compile(name: string, latex: string): string[] {
  writeFileSync(join(folder, 'it.tex'), latex)
  const options = ['-interaction=nonstopmode', '-no-shell-escape', 'it.tex']
  const { status } = spawnSync('xelatex', options, { cwd: folder, timeout: 120_000 })
  const log = readFileSync(join(folder, 'it.log'), 'utf8')
  const problems = log.split('\n').filter((line) => /^!|^Missing character/.test(line))
  // A formula's place that was not filled.
  if (/\\sign\{E00[01]\}/.test(latex)) problems.push('A formula is missing.')
  if (status === 0 && problems.length === 0) return []
  const kept = join(tmpdir(), `bindery-latex-${name}.tex`)
  writeFileSync(kept, latex)
  console.log(`  ✘ ${name}, see ${kept}\n${problems.slice(0, 5).join('\n')}`)
  failed++
  return problems
}

function latexOf(branch: ExportedBranch): Promise<string> {
  return exportLatex(branch, async function* (source) {
    for (const block of splitBlocks(source)) yield latexBlock(block)
  })
}

function branchOf(title: string, text: string): ExportedBranch {
  const answer = { reasoning: text, content: text, about: 'research-team-a/vibethinker' }
  return { title, at: '2026-11-26', turns: [{ question: text, answer }] }
}

for (const [name, text] of Object.entries(conversations)) {
  compile(name, await latexOf(branchOf(text.slice(0, 60), text)))
}
console.log(`  ${Object.keys(conversations).length} conversations`)

const source = readFileSync(createRequire(import.meta.url).resolve('katex/dist/katex.mjs'), 'utf8')
const commands = [...source.matchAll(/"\\(\\(?:[A-Za-z]+|.))"/g)].flatMap(([, name]) => name ?? [])
const environments = [...source.matchAll(/names: \[([^\]]*)\]/g)].flatMap(([, names = '']) =>
  [...names.matchAll(/"([a-zA-Z]+\*?)"/g)].flatMap(([, name]) => name ?? []),
)
const formulas = [
  ...[...new Set(commands)]
    .filter((name) => !name.includes('@'))
    .flatMap((name) => [
      ...[name, `x ${name} y`, `${name}{a}`, `${name}{A}{B}`, `${name}{A}{B}{C}`, `\\big${name}`],
      ...[`\\left${name} x \\right.`, `\\text{${name}}`, `\\text{${name}{a}}`, `{A ${name} B}`],
      ...[`${name}_a^b`, `${name}1em`, `${name}{1em}`, `${name}{red}{X}`],
    ]),
  ...environments.flatMap((name) =>
    ['', '{cc}', '{2}'].map(
      (columns) => `\\begin{${name}}${columns} a & b \\\\ c & d \\end{${name}}`,
    ),
  ),
]
// One line each: where it does not compile, the log says which.
const set = formulas.flatMap((tex) =>
  [true, false].flatMap((display) => latexFormula({ tex, display }) ?? []),
)
const [head = ''] = (await latexOf({ title: '', at: '', turns: [] })).split('\\maketitle')
for (let from = 0; from < set.length; from += 2000) {
  const body = set.slice(from, from + 2000).map((one) => `{${one.trim()}}`)
  compile(`commands-${from}`, `${head}\n${body.join('\n\n')}\n\\end{document}\n`)
}
console.log(`  ${set.length} formulas of ${new Set(commands).size} commands of KaTeX`)

const chances = fc.sample(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), {
  numRuns: 120,
  seed: Number(process.argv[2] ?? Date.now() % 1_000_000),
})
for (const [at, some] of chances.entries())
  compile(`chance-${at}`, await latexOf(branchOf('By chance', some.join(''))))
console.log(`  ${chances.length} texts made by chance`)

rmSync(folder, { recursive: true })
console.log(failed === 0 ? '  ✓ All of it compiles' : `  ✘ ${failed} do not compile`)
process.exit(failed === 0 ? 0 : 1)
