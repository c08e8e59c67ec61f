import type { Token } from 'markdown-it'
import { cutParagraph, paragraphLooks } from './cut-paragraph.ts'
import type { BlockEnv } from './exact-paragraph.ts'
import { createMarkdown } from './markdown-parser.ts'

/** A growing text, cut into blocks of Markdown. Joined, `finished` and `open` are the text. */
export type BlockFeed = {
  /** Blocks that never change again: they are parsed and typeset once. */
  readonly finished: readonly string[]
  /** What may still grow. */
  readonly open: string
  extend(more: string): void
}

/** A list is cut before an item beyond this, so that a long one need not be typeset again at each of its words. */
const listCharsMax = 2500
/** Without a blank line it is asked at this size; each time only when the block has grown by a part of itself. */
const askCharsMin = 2500
const askAgainPart = 8
/** Whatever it is: beyond this it is cut at a line. A fence is cheap, and never cut before the second. */
const hardCharsMax = { block: 60_000, fence: 1_000_000 }

const markdown = createMarkdown()

/** The blocks of a whole text. Each of them is its own only block. */
export function splitBlocks(text: string): string[] {
  const feed = createBlockFeed()
  feed.extend(text)
  return feed.open === '' ? [...feed.finished] : [...feed.finished, feed.open]
}

/**
 * Cuts where the parser that renders begins a new block. How the text is cut into chunks does not matter: it is asked at
 * lines that only the text decides. A finished block keeps none of the text that it was cut from alive.
 */
export function createBlockFeed(): BlockFeed {
  const finished: string[] = []
  let open = ''
  let scanned = 0
  let isAfterBlank = false
  let askedAt = 0
  /** Lengths at which a long paragraph is looked at, that were passed already. */
  let looked = 0

  function cut(at: number) {
    finished.push(open.slice(0, at))
    open = open.slice(at)
    scanned = Math.max(0, scanned - at)
    askedAt = Math.max(0, askedAt - at)
    looked = 0
  }

  /** Cuts a paragraph that is too long, as soon as its text is: wherever its lines and chunks end. */
  function cutLong(end: number): boolean {
    const look = paragraphLooks[looked]
    if (look === undefined || open.length <= look || end <= look) return false
    looked++
    const head = open.slice(0, look)
    const at = isParagraph(head) ? cutParagraph(head, looked === paragraphLooks.length) : undefined
    if (at === undefined) return true
    cut(at)
    scanned = 0
    isAfterBlank = false
    return true
  }

  function step(): boolean {
    const end = endOfLine(open, scanned)
    if (cutLong(end ?? open.length)) return true
    if (end === undefined) return false
    const line = open.slice(scanned, end)
    const isBlank = line.trim() === ''
    const isNew = isAfterBlank && !isBlank && !/^(?: {4}|\t)/.test(line)
    const more = end - askedAt
    const isLong = end > askCharsMin && more > 500
    scanned = end
    isAfterBlank = isBlank
    if (!isBlank && (isNew || isLong) && more > askedAt / askAgainPart) {
      askedAt = end
      askParser(end)
    }
    return true
  }

  /** Cuts what the parser says is finished of the first `end` characters. */
  function askParser(end: number) {
    const { starts, last } = readBlocks(open.slice(0, end))
    let cutAt = 0
    for (const start of starts) {
      if (start <= cutAt) continue
      cut(start - cutAt)
      cutAt = start
    }
    if (scanned > hardCharsMax[last === 'fence' ? 'fence' : 'block']) cut(scanned)
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

/** Behind the line's end; undefined while the line may go on, be it by the second half of its end. */
function endOfLine(text: string, from: number): number | undefined {
  const at = text.slice(from).search(/[\r\n]/)
  if (at < 0) return undefined
  const end = from + at
  if (text[end] === '\n') return end + 1
  if (end + 1 >= text.length) return undefined
  return text[end + 1] === '\n' ? end + 2 : end + 1
}

function isParagraph(text: string): boolean {
  const { starts, last } = readBlocks(text)
  return starts.length === 0 && last === 'paragraph_open'
}

/**
 * Where blocks begin in the text, the first left out, and how the last one is called: its start is where something new
 * stands, or what may yet grow into something else. Long lists begin again before an item.
 */
function readBlocks(text: string): { starts: number[]; last: string } {
  const env: BlockEnv = {}
  const tokens: Token[] = []
  // As the parser's own first rule does, which keeps the number of lines.
  markdown.block.parse(
    text.replaceAll(/\r\n?/g, '\n').replaceAll('\0', '\ufffd'),
    markdown,
    env,
    tokens,
  )
  const lines = lineStarts(text)
  const starts: number[] = []
  let last = ''
  let blockStart = 0
  for (const { type, level, nesting, map } of tokens) {
    if (!map || nesting < 0 || level > 1) continue
    const start = lines[map[0]] ?? 0
    if (level === 0) {
      if (env.pendingFrom !== undefined && map[0] > env.pendingFrom) break
      if (last !== '') starts.push(start)
      blockStart = start
      last = type
    } else if (type === 'list_item_open' && start - blockStart >= listCharsMax) {
      if (env.pendingFrom !== undefined && map[0] > env.pendingFrom) break
      starts.push(start)
      blockStart = start
    }
  }
  return { starts, last }
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\r\n?|\n/g)].map(({ index, 0: end }) => index + end.length)]
}
