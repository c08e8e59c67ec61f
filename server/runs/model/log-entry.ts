import type { LogLine } from '#server/runs/views/run.ts'
import type { LogGap } from '#server/runs/views/run-log-views.ts'

/** A line, or a piece of one, and its place: `count` numbers the lines of a step that share a timestamp. */
export type PlacedLine = Omit<LogLine, 'row'> & { count: number }

export type LogEntry = PlacedLine | Omit<LogGap, 'row' | 'rows'>

/** An entry in its place in the whole log; a gap takes as many rows as it leaves out, at least one. */
export type LogRow = (PlacedLine & { row: number }) | LogGap

export function isGap(entry: LogRow): entry is LogGap
export function isGap(entry: LogEntry): entry is Omit<LogGap, 'row' | 'rows'>
export function isGap(entry: object): boolean {
  return 'reason' in entry
}

/** As it crosses the wire. */
export function logLineOf({ count: _, ...line }: PlacedLine & { row: number }): LogLine {
  return line
}

const pieceCharacters = 16 * 1024

/** A long line in pieces that follow each other without a line break; a surrogate pair is not torn apart. */
export function piecesOf(line: PlacedLine): PlacedLine[] {
  if (line.text.length <= pieceCharacters) return [line]
  const { text, cut, open, ...rest } = line
  const pieces: PlacedLine[] = []
  for (let from = 0; from < text.length; ) {
    let end = Math.min(from + pieceCharacters, text.length)
    if (end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end--
    const last = end === text.length
    pieces.push({
      ...rest,
      text: text.slice(from, end),
      ...(from > 0 ? { continues: true } : {}),
      ...(last && cut ? { cut } : {}),
      ...(last && open ? { open } : {}),
    })
    from = end
  }
  return pieces
}
