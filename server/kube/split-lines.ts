const newline = 10

/**
 * Cuts a stream of bytes into lines, whatever the chunks: multi-byte characters are never torn apart. A line longer
 * than `lineBytesMax` is cut there and the rest of it dropped, so that no writer can fill our memory.
 */
export function lineSplitter(lineBytesMax: number) {
  let parts: Uint8Array[] = []
  let bytes = 0

  function keep(part: Uint8Array) {
    const room = lineBytesMax - bytes
    if (room > 0 && part.length > 0) parts.push(part.length > room ? part.subarray(0, room) : part)
    bytes += Math.min(part.length, Math.max(room, 0))
  }

  function take(): Buffer {
    const line = parts.length === 1 && parts[0] ? Buffer.from(parts[0]) : Buffer.concat(parts)
    parts = []
    bytes = 0
    return line
  }

  return {
    /** The lines that this chunk completes, without their newline. */
    push(chunk: Uint8Array): Buffer[] {
      const lines: Buffer[] = []
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
    rest(): Buffer | undefined {
      return bytes === 0 ? undefined : take()
    },
  }
}
