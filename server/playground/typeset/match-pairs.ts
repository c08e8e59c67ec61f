/** Where in a text the ends of what is opened stand, each found in time linear in the text, however often it is asked. */
export type Pairs = {
  /** The next closing delimiter at or behind `from`, not escaped; asked with growing `from`. */
  next(closing: '\\)' | '\\]' | '$$', from: number): number | undefined
  /** Behind the run of backticks that closes the one at `start`. */
  codeEnd(start: number): number | undefined
  /** Behind the brace that closes the one at `start`. */
  braceEnd(start: number): number | undefined
  /** Behind the `\end{…}` of the `\begin{…}` at `start`, others of its name within it left aside. */
  environmentEnd(start: number): number | undefined
  /** The single dollar that may close the one at `start`: outside of braces, before a blank line. */
  dollarEnd(start: number): number | undefined
}

const marks = /(`+)|\\(begin|end)\{([A-Za-z]+\*?)\}|\\([\s\S])|([{}])|(\$\$?)|(\n[ \t]*(?=\n))/g

/** How far behind a dollar one outside of its braces is looked for. */
const dollarMarksMax = 200

export function matchPairs(text: string): Pairs {
  const codes = new Map<number, number>()
  const braces = new Map<number, number>()
  const environments = new Map<number, number>()
  const closers: Record<string, number[]> = { '\\)': [], '\\]': [], $$: [] }
  /** Braces, dollars and blank lines, in their order. */
  const dollars: { at: number; what: '{' | '}' | '$' | '$$' | 'blank' }[] = []
  const placeOf = new Map<number, number>()
  const runs: { at: number; length: number }[] = []
  const openBraces: number[] = []
  const openEnvironments = new Map<string, number[]>()

  for (const match of text.matchAll(marks)) {
    const [whole, ticks, edge, name = '', escaped, brace, dollar] = match
    const at = match.index
    if (ticks !== undefined) runs.push({ at, length: ticks.length })
    else if (edge === 'begin') {
      const starts = openEnvironments.get(name) ?? []
      starts.push(at)
      openEnvironments.set(name, starts)
    } else if (edge === 'end') {
      const start = openEnvironments.get(name)?.pop()
      if (start !== undefined) environments.set(start, at + whole.length)
    } else if (escaped !== undefined) closers[`\\${escaped}`]?.push(at)
    else if (brace === '{') {
      openBraces.push(at)
      dollars.push({ at, what: '{' })
    } else if (brace === '}') {
      const start = openBraces.pop()
      if (start !== undefined) braces.set(start, at + 1)
      dollars.push({ at, what: '}' })
    } else if (dollar !== undefined) {
      if (dollar === '$$') closers.$$?.push(at)
      placeOf.set(at, dollars.length)
      dollars.push({ at, what: dollar === '$$' ? '$$' : '$' })
    } else dollars.push({ at, what: 'blank' })
  }
  const nextRun = new Map<number, number>()
  for (const { at, length } of runs.toReversed()) {
    const end = nextRun.get(length)
    if (end !== undefined) codes.set(at, end)
    nextRun.set(length, at + length)
  }
  const cursors: Record<string, number> = {}

  function dollarEnd(start: number): number | undefined {
    const place = placeOf.get(start)
    if (place === undefined) return undefined
    let depth = 0
    let first: number | undefined
    for (let index = place + 1; index < place + dollarMarksMax; index++) {
      const mark = dollars[index]
      if (!mark || mark.what === 'blank') break
      if (mark.what === '{') depth++
      else if (mark.what === '}') depth--
      else if (mark.what === '$' && depth <= 0) return mark.at
      else if (mark.what === '$') first ??= mark.at
      else if (depth <= 0) break
    }
    return first
  }

  return {
    next(closing, from) {
      const places = closers[closing] ?? []
      let cursor = cursors[closing] ?? 0
      while (cursor < places.length && (places[cursor] ?? 0) < from) cursor++
      cursors[closing] = cursor
      return places[cursor]
    },
    codeEnd: (start) => codes.get(start),
    braceEnd: (start) => braces.get(start),
    environmentEnd: (start) => environments.get(start),
    dollarEnd,
  }
}
