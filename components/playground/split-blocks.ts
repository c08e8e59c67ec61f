/**
 * Cuts Markdown into blocks at blank lines, keeping fences, display mathematics and lists' code whole. A block is
 * finished once a later one has begun: it never changes again, so it is parsed and typeset once. Joined, the blocks
 * are the text.
 */
export function splitBlocks(text: string): string[] {
  const blocks: string[] = []
  extendBlocks(blocks, text, { start: 0, scanned: 0, open: undefined })
  return blocks
}

/** Where a growing text stands: all before `start` is in finished blocks. */
export type BlockCursor = { start: number; scanned: number; open: string | undefined }

export function newBlockCursor(): BlockCursor {
  return { start: 0, scanned: 0, open: undefined }
}

const fence = /^ {0,3}(`{3,}|~{3,})/
const closers: Record<string, string> = { '\\[': '\\]', '\\begin': '\\end' }

/**
 * Adds to `blocks` what became finished since the last call; the last entry is always the open one. Looks only at
 * whole lines that are new, so a text that grows to n characters costs n in all.
 */
export function extendBlocks(blocks: string[], text: string, cursor: BlockCursor): void {
  if (blocks.length > 0) blocks.pop()
  let end = text.indexOf('\n', cursor.scanned)
  while (end >= 0) {
    const line = text.slice(cursor.scanned, end)
    const next = end + 1
    if (
      cursor.open === undefined &&
      line.trim() === '' &&
      text.slice(cursor.start, next).trim() !== ''
    ) {
      blocks.push(text.slice(cursor.start, next))
      cursor.start = next
    } else {
      cursor.open = openAfter(line, cursor.open)
    }
    cursor.scanned = next
    end = text.indexOf('\n', next)
  }
  blocks.push(text.slice(cursor.start))
}

/** The construct that is still open after the line: a fence, `$$`, `\[` or an environment. */
function openAfter(line: string, open: string | undefined): string | undefined {
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
