/** Two ways of reasoning, step by step, and the first step at which they differ. */
export type Parting = {
  left: string[]
  right: string[] /** Place of the first step that differs. */
  at: number
}

/** Steps are paragraphs; white space and case do not tell them apart. */
export function partWays(left: string, right: string): Parting {
  const a = stepsOf(left)
  const b = stepsOf(right)
  let at = 0
  while (at < a.length && at < b.length && plain(a[at]) === plain(b[at])) at++
  return { left: a, right: b, at }
}

function stepsOf(text: string): string[] {
  return text
    .split(/\n\s*\n/)
    .map((step) => step.trim())
    .filter((step) => step !== '')
}

function plain(step = ''): string {
  return step.replace(/\s+/g, ' ').toLowerCase()
}
