import type { LogLine } from '#server/domain/views.ts'

/** A line and its place: `count` numbers the lines of a step that share a timestamp. */
export type PlacedLine = LogLine & { count: number }

export type LogEntry = PlacedLine | { step: string; gap: 'pod-gone' | 'rotated' }

/** Entries of one run in their order. What no longer fits is dropped at the beginning; indexes stay what they were. */
export type RunLogBuffer = {
  push(entries: LogEntry[]): void
  /** From an absolute index on, at most `max`; where the beginning was dropped, from what is left. */
  read(index: number, max: number): { entries: LogEntry[]; next: number; dropped: boolean }
  end(): number
  bytes(): number
}

const lineOverheadBytes = 120

export function createRunLogBuffer(bytesMax: number): RunLogBuffer {
  let entries: LogEntry[] = []
  let first = 0
  let bytes = 0
  return {
    push(more) {
      for (const entry of more) {
        entries.push(entry)
        bytes += sizeOf(entry)
      }
      if (bytes <= bytesMax) return
      // A quarter at once, so that moving the rest is rare.
      let cut = 0
      while (bytes > bytesMax * 0.75 && cut < entries.length) bytes -= sizeOf(entries[cut++])
      entries = entries.slice(cut)
      first += cut
    },
    read(index, max) {
      const from = Math.max(index - first, 0)
      const some = entries.slice(from, from + max)
      return { entries: some, next: first + from + some.length, dropped: index < first }
    },
    end: () => first + entries.length,
    bytes: () => bytes,
  }
}

function sizeOf(entry: LogEntry | undefined): number {
  return entry && 'text' in entry ? entry.text.length + lineOverheadBytes : lineOverheadBytes
}

export type RunCursor = { step: string; at: string; count: number }

/** `step@timestamp#count`: the id of the event that ended with this line. */
export function formatRunCursor({ step, at, count }: RunCursor): string {
  return `${step}@${at}#${count}`
}

export function parseRunCursor(text: string | undefined): RunCursor | undefined {
  const match = /^([a-z0-9][-a-z0-9]*)@(\d{4}-\S{10,40})#([1-9]\d{0,9})$/.exec(text ?? '')
  const [, step = '', at = '', count = ''] = match ?? []
  return match && !Number.isNaN(Date.parse(at)) ? { step, at, count: Number(count) } : undefined
}

/**
 * Drops what a reader that came back has seen already. Lines stand in the same order in every process, so the line of
 * the cursor ends it; a line that is younger ends it too, for a cursor whose line is gone.
 */
export function skipSeen(cursor: RunCursor): (entry: LogEntry) => boolean {
  let skipping = true
  const seen = stampOf(cursor.at)
  return (entry) => {
    if (!skipping) return false
    if (!('text' in entry)) return true
    if (entry.step === cursor.step && entry.at === cursor.at && entry.count === cursor.count) {
      skipping = false
      return true
    }
    if (stampOf(entry.at) > seen) skipping = false
    return skipping
  }
}

/** Comparable as text: the fraction of a second filled up to nanoseconds. */
function stampOf(at: string): string {
  const match = /^(.{19})(?:\.(\d+))?/.exec(at)
  return `${match?.[1] ?? ''}.${(match?.[2] ?? '').padEnd(9, '0')}`
}
