import { protectMath, restoreMath } from '#server/playground/typeset/protect-math.ts'

/**
 * What a person typed, as Markdown that sets its formulas and leaves every other character as it was typed: a `*` of a
 * program is no emphasis. Undefined where there is no formula.
 */
export function questionMarkdown(typed: string): string | undefined {
  const { text, formulas } = protectMath(typed)
  if (formulas.length === 0) return undefined
  const literal = text
    // As a number it is no mark of anything; a backslash before it would make mathematics of a bracket.
    .replaceAll(/[!-/:-@[-`{-~]/g, (mark) => `&#${mark.charCodeAt(0)};`)
    // An indented line would be code, and a line that ends would run on.
    .replaceAll(/^[ \t]+/gm, (spaces) => '\u00a0'.repeat(spaces.length))
    .replaceAll(/(?<=\S)[ \t]*\n(?=\S)/g, '\\\n')
  return restoreMath(literal, formulas, ({ source }) => source)
}
