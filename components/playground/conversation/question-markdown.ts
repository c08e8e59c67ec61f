import { readMath } from '#server/playground/typeset/math-spans.ts'

/**
 * What a person typed, as Markdown that sets its formulas and leaves every other character as it was typed: a `*` of a
 * program is no emphasis. Undefined where there is no formula.
 */
export function questionMarkdown(typed: string): string | undefined {
  const formulas = readMath(typed).spans.filter(({ kind }) => kind === 'formula')
  if (formulas.length === 0) return undefined
  let markdown = ''
  let kept = 0
  for (const { start, end } of formulas) {
    markdown += literal(typed.slice(kept, start)) + typed.slice(start, end)
    kept = end
  }
  return markdown + literal(typed.slice(kept))
}

function literal(text: string): string {
  return (
    text
      // As a number it is no mark of anything; a backslash before it would make mathematics of a bracket.
      .replaceAll(/[!-/:-@[-`{-~]/g, (mark) => `&#${mark.charCodeAt(0)};`)
      // An indented line would be code, and a line that ends would run on.
      .replaceAll(
        /(^|\n)([ \t]+)/g,
        (_, end: string, blanks: string) => `${end}${'\u00a0'.repeat(blanks.length)}`,
      )
      .replaceAll(/(?<=\S)[ \t]*\n(?=\S)/g, '\\\n')
  )
}
