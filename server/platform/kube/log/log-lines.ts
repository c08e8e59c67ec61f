import type { RawLine } from './split-lines.ts'

/**
 * A place in a container's log: after the `count`-th line that carries the timestamp `at`. Timestamps alone are not
 * enough, since several lines may share one, and the kubelet starts a read at whole seconds.
 */
export type LogCursor = { at: string; count: number }

/**
 * `at` is RFC 3339 with nanoseconds, as the kubelet wrote it; `count` numbers the lines that share it, from 1. `cut`: so
 * many bytes of a line that was too long are left out. `open`: the log ended before the line did.
 */
export type ReadLine = LogCursor & { text: string; cut?: number; open?: true }

export function formatLogCursor({ at, count }: LogCursor): string {
  return `${at}#${count}`
}

/** Undefined for anything that `formatLogCursor` did not write. */
export function parseLogCursor(text: string): LogCursor | undefined {
  const match = /^(\S+)#([1-9]\d{0,9})$/.exec(text)
  const [, at = '', count = ''] = match ?? []
  return nanosOf(at) === undefined ? undefined : { at, count: Number(count) }
}

/** From where to ask for a log again: a whole second early, as lines may be slightly out of order. */
export function sinceTimeOf(cursor: LogCursor): string | undefined {
  const nanos = nanosOf(cursor.at)
  if (nanos === undefined) return undefined
  return new Date(Number(nanos / 1_000_000_000n - 1n) * 1000).toISOString()
}

/** Numbers lines `timestamp text`; a line without a timestamp counts to the one before it. */
export function lineNumberer(after: LogCursor | undefined) {
  let at = after?.at ?? ''
  let count = after?.count ?? 0
  return ({ bytes, cut, open }: RawLine): ReadLine => {
    const stamp = stampIn(bytes)
    const stamped = timestamp.test(stamp)
    const next = stamped ? stamp : at
    count = next === at ? count + 1 : 1
    at = next
    const text = bytes.toString('utf8', stamped ? stamp.length + 1 : 0)
    return { at, count, text, ...(cut > 0 ? { cut } : {}), ...(open ? { open } : {}) }
  }
}

function stampIn(bytes: Buffer): string {
  const space = bytes.subarray(0, stampBytesMax).indexOf(32)
  return bytes.toString('latin1', 0, space === -1 ? Math.min(bytes.length, stampBytesMax) : space)
}

/** Undefined where a line carries on the one before it. */
export function timestampIn(bytes: Buffer): string | undefined {
  const stamp = stampIn(bytes)
  return timestamp.test(stamp) ? stamp : undefined
}

export type Resumed = { lines: ReadLine[]; gap: boolean }

const nothing: Resumed = { lines: [], gap: false }

/**
 * Drops what was read before the cursor from a log that was asked for again. What comes after the cursor's line *in the
 * file's order* is new, whatever its timestamp. If that line never comes, the file was rotated: then what is younger is
 * new and something may be missing.
 */
export function resumeAfter(cursor: LogCursor) {
  const seekNanos = nanosOf(cursor.at) ?? 0n
  let seeking = true
  let seen = 0
  let held: RawLine[] = []
  let nanos: bigint | undefined
  let number = lineNumberer(cursor)

  function giveUp(): Resumed {
    seeking = false
    number = lineNumberer(undefined)
    const lines = held.map(number)
    held = []
    return { lines, gap: true }
  }

  return {
    /** Whether lines are held back that may turn out to be new. */
    undecided: () => seeking && held.length > 0,
    push(line: RawLine): Resumed {
      if (!seeking) return { lines: [number(line)], gap: false }
      // A line without a timestamp counts to the one before it.
      nanos = nanosOf(stampIn(line.bytes)) ?? nanos
      if (nanos === undefined || nanos < seekNanos) return nothing
      if (nanos === seekNanos) {
        seen++
        if (seen >= cursor.count) {
          seeking = false
          held = []
        }
        return nothing
      }
      held.push(line)
      const passed = nanos > seekNanos + 1_000_000_000n || held.length > 10_000
      return passed ? giveUp() : nothing
    },
    /** Nothing more is coming: what is held is new. */
    settle: (): Resumed => (seeking && held.length > 0 ? giveUp() : nothing),
  }
}

const stampBytesMax = 36
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

/** Nanoseconds since 1970; undefined where the text is no timestamp. */
export function nanosOf(at: string): bigint | undefined {
  if (!timestamp.test(at)) return undefined
  const zone = at.endsWith('Z') ? 'Z' : at.slice(-6)
  const seconds = Date.parse(at.slice(0, 19) + zone) / 1000
  if (Number.isNaN(seconds)) return undefined
  const fraction = at.slice(20, at.length - zone.length)
  const digits = at[19] === '.' ? fraction.padEnd(9, '0') : '0'
  return BigInt(seconds) * 1_000_000_000n + BigInt(digits)
}
