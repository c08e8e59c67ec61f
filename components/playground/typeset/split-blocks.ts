/** A growing text, cut into blocks of Markdown. Joined, `finished` and `open` are the text. */
export type BlockFeed = {
  /** Blocks that never change again: they are parsed and typeset once. */
  readonly finished: readonly string[]
  /** What may still grow. */
  readonly open: string
  extend(more: string): void
}

/** Beyond these a block is cut where its meaning suffers least, so that no single one holds up the page. */
const charsMax = { list: 2500, plain: 12_000, fence: 60_000, line: 8000 }

const fence = /^ {0,3}(`{3,}|~{3,})/
const listItem = /^ {0,3}(?:[-*+]|\d{1,9}[.)])\s/
const closers: Record<string, string> = { '\\[': '\\]', '\\begin': '\\end' }

/**
 * Cuts at blank lines, keeping fences and display mathematics whole; long lists are cut before an item. Where the text
 * is cut into chunks does not matter. Only what is new is looked at, and a finished block keeps none of the text that
 * it was cut from alive.
 */
export function createBlockFeed(): BlockFeed {
  const finished: string[] = []
  let open = ''
  let scanned = 0
  let construct: string | undefined

  function cut(at: number) {
    finished.push(open.slice(0, at))
    open = open.slice(at)
    scanned = 0
  }

  /** Takes in one whole line, or the beginning of one too long; false where more has to come first. */
  function step(): boolean {
    const end = open.indexOf('\n', scanned)
    if ((end < 0 ? open.length : end) - scanned > charsMax.line) {
      cut(endOfWord(open, scanned + charsMax.line, scanned))
      return true
    }
    if (end < 0) return false
    const line = open.slice(scanned, end)
    if (
      construct !== undefined &&
      scanned > (/^[`~]/.test(construct) ? charsMax.fence : charsMax.plain)
    ) {
      construct = undefined
    }
    if (construct === undefined) {
      const long = scanned > charsMax.plain || (scanned > charsMax.list && listItem.test(line))
      if (long) {
        cut(scanned)
        return true
      }
      if (line.trim() === '' && open.slice(0, end).trim() !== '') {
        cut(end + 1)
        return true
      }
    }
    construct = constructAfter(line, construct)
    scanned = end + 1
    return true
  }

  return {
    finished,
    get open() {
      return open
    },
    extend(more) {
      open += more
      while (step()) {}
    },
  }
}

/** Just behind the last space before `at`; where there is none, at `at` without cutting a character in two. */
function endOfWord(text: string, at: number, from: number): number {
  const space = text.lastIndexOf(' ', at - 1)
  if (space > from) return space + 1
  return /[\udc00-\udfff]/.test(text[at] ?? '') ? at - 1 : at
}

/** The construct that is still open after the line: a fence, `$$`, `\[` or an environment. */
function constructAfter(line: string, open: string | undefined): string | undefined {
  const marker = fence.exec(line)?.[1]
  if (open !== undefined && /^[`~]/.test(open)) {
    if (!marker || marker[0] !== open[0] || marker.length < open.length) return open
    return line.trim() === marker ? undefined : open
  }
  if (open === undefined && marker) return marker
  let state = open
  for (const [token] of line.matchAll(/\$\$|\\\[|\\\]|\\begin\b|\\end\b/g)) {
    if (state === undefined) {
      if (token === '$$' || token in closers) state = token
    } else if (token === (closers[state] ?? state)) {
      state = undefined
    }
  }
  return state
}
