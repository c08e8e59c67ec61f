import type { Span } from './ansi-spans.ts'

export type MarkedSpan = Span & { found: boolean }

/** The same text, cut where matches begin and end. Ranges are ascending and do not overlap. */
export function markSpans(
  spans: readonly Span[],
  ranges: readonly (readonly [number, number])[],
): MarkedSpan[] {
  const marked: MarkedSpan[] = []
  let at = 0
  let next = 0
  for (const span of spans) {
    const end = at + span.text.length
    let from = at
    while (from < end) {
      while ((ranges[next]?.[1] ?? Number.POSITIVE_INFINITY) <= from) next++
      const [start, stop] = ranges[next] ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
      const found = start <= from
      const to = Math.min(end, found ? stop : start)
      marked.push({ ...span, text: span.text.slice(from - at, to - at), found })
      from = to
    }
    at = end
  }
  return marked
}
