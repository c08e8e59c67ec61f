import { plainText } from '#components/runs/log/log-text.ts'
import { logMatcher } from '#server/runs/model/search-log.ts'
import { patternOf, type SearchWish } from './search-pattern.ts'

/** What the page tells the search, and what it hears. Lines go over as one text: cloning many strings is dear. */
export type SearchAsk =
  | { type: 'lines'; text: string }
  | { type: 'clear' }
  | { type: 'search'; id: number; wish: SearchWish }

export type SearchAnswer = {
  id: number
  /** Indexes of the lines that match, ascending, after those that were told before under the same id. */
  found: Uint32Array
  /** How many lines have been looked at. */
  seen: number
}

/** Holds the text of all lines, and looks on in what is added while a search stands. */
export function createSearchIndex(answer: (found: SearchAnswer) => void) {
  let lines: string[] = []
  let seen = 0
  let current: { id: number; matches: (text: string) => boolean } | undefined

  function look() {
    if (!current) return
    const found: number[] = []
    for (; seen < lines.length; seen++) {
      if (current.matches(lines[seen] ?? '')) found.push(seen)
    }
    answer({ id: current.id, found: Uint32Array.from(found), seen })
  }

  return function hear(ask: SearchAsk) {
    if (ask.type === 'lines') {
      for (const line of ask.text.split('\n')) lines.push(plainText(line))
      look()
    } else if (ask.type === 'clear') {
      lines = []
      seen = 0
    } else {
      const pattern = patternOf(ask.wish, logMatcher)
      seen = 0
      current =
        pattern && !(pattern instanceof Error)
          ? { id: ask.id, matches: pattern.matches }
          : undefined
      look()
    }
  }
}
