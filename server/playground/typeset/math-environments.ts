/** Environments of mathematics that are shown by KaTeX, by themselves or as what formula-source.ts makes of them. */
export const mathEnvironments = new Set(
  `align alignat aligned alignedat array cases darray dcases drcases rcases displaymath eqnarray equation flalign gather
  gathered math matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix psmallmatrix bsmallmatrix subarray
  subequations multline multlined split CD`
    .split(/\s+/)
    .flatMap((name) => [name, `${name}*`]),
)

/** Environments of prose: their text is Markdown as any other. Every other one is shown as its source. */
export const proseEnvironments = new Set(
  `abstract center claim corollary definition document enumerate example exercise flushleft flushright itemize lemma
  minipage problem proof proposition question quotation quote remark solution theorem`
    .split(/\s+/)
    .flatMap((name) => [name, `${name}*`]),
)

/** Those that are mathematics within a line; every other one is a display. */
export const inlineEnvironments = new Set(['math', 'math*'])
