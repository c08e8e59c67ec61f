import { formulaMacros } from '#server/playground/typeset/formula-macros.ts'

/** What LaTeX has by itself, or by the packages of every export. */
const own = new Set([
  '\\label',
  '\\eqref',
  '\\ref',
  '\\ensuremath',
  '\\hfill',
  '\\vspace',
  '\\strut',
  '\\null',
])
const ownToo = [
  '\\cancelto',
  '\\textsc',
  '\\textsuperscript',
  '\\textsubscript',
  '\\require',
  '\\textdegree',
]

/** By what the text uses: packages where they are installed, and macros that papers define for themselves. */
export function packagesOf(text: string): string {
  const used = new Set(text.match(/\\[A-Za-z]+/g))
  const lines: string[] = []
  if (used.has('\\ce') || used.has('\\pu')) {
    lines.push(
      String.raw`\IfFileExists{mhchem.sty}{\usepackage[version=4]{mhchem}}{\providecommand{\ce}[1]{\mathrm{#1}}\providecommand{\pu}[1]{\mathrm{#1}}}`,
    )
  }
  if (text.includes('\\begin{CD}')) lines.push(String.raw`\usepackage{amscd}`)
  for (const [name, body] of Object.entries(formulaMacros)) {
    if (!used.has(name) || own.has(name) || ownToo.includes(name)) continue
    const places = Math.max(0, ...[...body.matchAll(/#(\d)/g)].map(([, place]) => Number(place)))
    // What only LaTeX's own internals may say is no macro of a document.
    if (/@/.test(body)) continue
    lines.push(`\\providecommand{${name}}${places > 0 ? `[${places}]` : ''}{${body}}`)
  }
  return lines.map((line) => `${line}\n`).join('')
}
