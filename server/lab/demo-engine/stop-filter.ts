export type Channel = 'reasoning' | 'content' | 'tag'
export type Piece = { channel: Channel; text: string }

export type StopFilter = {
  /** What can be shown now; `stopped` names the stop string once one is complete. */
  push(piece: Piece): { pieces: Piece[]; stopped?: string }
  /** What was held back when the text ends without a stop string. */
  flush(): Piece[]
}

/** Cuts a text that arrives in pieces at the first of some strings, wherever the pieces break. */
export function createStopFilter(stops: string[], includeStop: boolean): StopFilter {
  let held: Piece[] = []
  return {
    push(piece) {
      if (stops.length === 0) return { pieces: [piece] }
      held.push(piece)
      const text = held.map((part) => part.text).join('')
      const found = firstStop(text, stops)
      if (found) {
        const end = found.at + (includeStop ? found.stop.length : 0)
        return { pieces: split(held, end).before, stopped: found.stop }
      }
      const { before, after } = split(held, text.length - partialStop(text, stops))
      held = after
      return { pieces: before }
    },
    flush() {
      const rest = held
      held = []
      return rest
    },
  }
}

function firstStop(text: string, stops: string[]): { at: number; stop: string } | undefined {
  return stops
    .map((stop) => ({ at: text.indexOf(stop), stop }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0]
}

/** The length of the longest end of the text that a stop string may begin with. */
function partialStop(text: string, stops: string[]): number {
  const longest = Math.max(...stops.map((stop) => stop.length)) - 1
  for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
    const end = text.slice(-length)
    if (stops.some((stop) => stop.startsWith(end))) return length
  }
  return 0
}

function split(pieces: Piece[], at: number): { before: Piece[]; after: Piece[] } {
  const before: Piece[] = []
  const after: Piece[] = []
  let position = 0
  for (const piece of pieces) {
    const cut = Math.max(0, Math.min(piece.text.length, at - position))
    position += piece.text.length
    if (cut > 0) before.push({ ...piece, text: piece.text.slice(0, cut) })
    if (cut < piece.text.length) after.push({ ...piece, text: piece.text.slice(cut) })
  }
  return { before, after }
}
