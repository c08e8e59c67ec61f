const newline = 10

/** A line without its newline. */
export type RawLine = {
  bytes: Buffer
  /** So many bytes of it did not fit and are not here. */
  cut: number
  /** The text ended before its newline. */
  open?: true
}

/**
 * Cuts a stream of bytes into lines, whatever the chunks: multi-byte characters are never torn apart by one. Of a line
 * longer than `lineBytesMax` the rest is counted and dropped, so that no writer can fill our memory.
 */
export function lineSplitter(lineBytesMax: number) {
  let parts: Uint8Array[] = []
  let bytes = 0
  let cut = 0

  function keep(part: Uint8Array) {
    const room = lineBytesMax - bytes
    const kept = part.length > room ? part.subarray(0, wholeCharacters(part, room)) : part
    if (cut > 0) cut += part.length
    else if (kept.length < part.length) cut = part.length - kept.length
    if (cut > 0 && bytes >= lineBytesMax) return
    if (kept.length > 0) parts.push(kept)
    bytes = cut > 0 ? lineBytesMax : bytes + kept.length
  }

  function take(): RawLine {
    const line = { bytes: Buffer.concat(parts), cut }
    parts = []
    bytes = 0
    cut = 0
    return line
  }

  return {
    /** The lines that this chunk completes. */
    push(chunk: Uint8Array): RawLine[] {
      const lines: RawLine[] = []
      let start = 0
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        keep(chunk.subarray(start, end))
        lines.push(take())
        start = end + 1
      }
      keep(chunk.subarray(start))
      return lines
    },
    /** What came after the last newline, if anything; it is given away once. */
    rest(): RawLine | undefined {
      return bytes === 0 ? undefined : { ...take(), open: true }
    },
  }
}

/** Where to cut at most, so that no UTF-8 character is torn; bytes that are none are cut anywhere. */
function wholeCharacters(part: Uint8Array, room: number): number {
  let end = room
  while (end > 0 && end > room - 3 && ((part[end] ?? 0) & 0xc0) === 0x80) end--
  return end
}
