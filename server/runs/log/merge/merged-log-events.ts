import {
  formatMergedCursor,
  type MergedCursor,
  type PartCursor,
  resumeAfterRow,
} from '#server/runs/log/cursor/run-cursor.ts'
import {
  behindRows,
  type IdentifiedLogEvent,
  rowOf,
  type StatusUpdates,
} from '#server/runs/log/follow/log-events.ts'
import { type FollowedLog, rowAfter } from '#server/runs/log/follow/shared-log-follower.ts'
import { isGap, type LogRow, logLineOf } from '#server/runs/model/log-entry.ts'
import {
  lastStamp,
  type MergedRow,
  type MergePart,
  overStamp,
  rightAfter,
  takeMerged,
} from '#server/runs/model/merge-rows.ts'

export type NamedLog = { name: string; log: FollowedLog }

type Part = MergePart & {
  name: string
  log: FollowedLog
  /** The row that is read next. */
  next: number
  isOver: boolean
  resumed?: ReturnType<typeof resumeAfterRow>
  /** All that stands before this was read of it. */
  known: string
  /** It was asked whether it was read as far as this, and what it said. */
  asked?: { stamp: string; isCaughtUp?: boolean }
}

/** So long is waited for the line of a cursor where younger ones are there. */
const undecidedMs = 3_000
/** So long a log may keep others waiting that cannot say whether it was read as far as they. */
const unansweredMs = 20_000
const rowsAtOnce = 1_000

/**
 * What one reader is told of several logs at once: by time, each row numbered in the whole. A row is told once every
 * other log was read as far as it: then its place is the one that it has afterwards too, however late others come.
 */
export async function* mergedLogEvents(
  logs: readonly NamedLog[],
  tidings: StatusUpdates,
  cursor: MergedCursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<IdentifiedLogEvent> {
  const parts = await Promise.all(logs.map((one) => partOf(one, cursor?.get(one.name))))
  const stands = new Map(cursor)
  let heldAtMs: number | undefined
  let behind = false
  while (!signal.aborted) {
    const rings = parts.map(({ log }) => log.wake.version())
    yield* tidings()
    const heldMs = heldAtMs === undefined ? 0 : performance.now() - heldAtMs
    for (const part of parts) {
      // Before it is read on: what it had when it was asked is then among it.
      hear(part)
      await fill(part)
      if (heldMs >= undecidedMs) release(part)
      part.until = untilOf(part, heldMs >= unansweredMs)
    }
    const taken = takeMerged(parts, rowsAtOnce)
    if (taken.length > 0) {
      heldAtMs = undefined
      yield* eventsOf(parts, taken, stands)
      const rows = parts.reduce((sum, part) => sum + part.log.rows() + 1 - part.next, 0)
      if (rows > behindRows || (behind && rows === 0)) {
        behind = rows > 0
        yield { event: 'behind', data: { rows } }
      }
      continue
    }
    if (parts.every(({ isOver, rows }) => isOver && rows.length === 0)) break
    const stamp = lastStamp(parts)
    for (const part of parts) if (stamp && part.rows.every(isGap)) ask(part, stamp)
    const isHolding = stamp !== undefined || parts.some(({ resumed }) => resumed?.isHolding())
    if (isHolding) heldAtMs ??= performance.now()
    await anyRing(parts, rings, isHolding ? undecidedMs : undefined, signal)
  }
  if (signal.aborted) return
  const failed = parts.find(({ log }) => log.failed())?.log.failed()
  if (failed) throw failed
  yield* tidings.end(parts.reduce((sum, { log }) => sum + log.rows(), 0))
}

/** Where some of it is there and not read yet, the next of it may stand anywhere. */
function untilOf(part: Part, isUnanswered: boolean): string {
  if (part.isOver) return overStamp
  if (part.resumed?.isHolding() || part.next <= part.log.rows()) return ''
  return isUnanswered ? overStamp : part.known
}

function hear(part: Part): void {
  const { asked } = part
  if (asked?.isCaughtUp === undefined) return
  part.asked = undefined
  const stamp = rightAfter(asked.stamp)
  if (asked.isCaughtUp && stamp > part.known) part.known = stamp
}

/** Whatever is written after this was asked is younger than a row that was there already. */
function ask(part: Part, stamp: string): void {
  if (part.isOver || part.asked || part.known > stamp) return
  const asked: Part['asked'] = { stamp }
  part.asked = asked
  void part.log.caughtUp().then((isCaughtUp) => {
    asked.isCaughtUp = isCaughtUp
    part.log.wake.notify()
  })
}

async function partOf({ name, log }: NamedLog, cursor: PartCursor | undefined): Promise<Part> {
  const { line, gap = 0 } = cursor ?? {}
  const start = line && (await rowOf(log, line))
  const resumed = line && !start ? resumeAfterRow(line) : undefined
  const next = await afterGap(log, start ?? 1, resumed ? 0 : gap)
  return {
    ...{ name, log, next, resumed },
    ...{ rows: [], isOver: false, until: '', stamp: '', known: '' },
  }
}

/** Where the rows that were told as missing still are. */
async function afterGap(log: FollowedLog, row: number, gap: number): Promise<number> {
  for (let next = row; next < row + gap; ) {
    const [first] = await log.page(next)
    if (!first || !isGap(first)) return row
    next += first.rows
  }
  return row + gap
}

/** Reads on where no line of it waits to be placed. */
async function fill(part: Part): Promise<void> {
  while (part.rows.every(isGap)) {
    // Taken before reading: what comes in between is read in the next round.
    const isEnded = part.log.isEnded()
    const page = await part.log.page(part.next)
    part.next = rowAfter(page, part.next)
    part.rows.push(...(part.resumed ? part.resumed.push(page) : page))
    part.isOver = isEnded && page.length === 0
    if (part.isOver) release(part)
    if (page.length === 0) return
  }
}

function release(part: Part): void {
  part.rows.push(...(part.resumed?.release() ?? []))
}

/** Each event's id says where the reader stands in every log. */
function* eventsOf(
  parts: Part[],
  taken: MergedRow[],
  stands: Map<string, PartCursor>,
): Generator<IdentifiedLogEvent> {
  const passed = parts.reduce((sum, { rows, next }) => sum + (rows[0]?.row ?? next) - 1, 0)
  let row = 1 + passed - taken.reduce((sum, one) => sum + lengthOf(one.row), 0)
  let lines: LogRow[] = []
  function* flush(): Generator<IdentifiedLogEvent> {
    const told = lines.flatMap((one) => (isGap(one) ? [] : logLineOf(one)))
    lines = []
    if (told.length > 0) {
      yield { event: 'lines', data: { lines: told }, id: formatMergedCursor(stands) }
    }
  }
  for (const { part, row: own } of taken) {
    const name = parts[part]?.name ?? ''
    if (isGap(own)) {
      yield* flush()
      const { line, gap = 0 } = stands.get(name) ?? {}
      stands.set(name, { line, gap: gap + own.rows })
      yield { event: 'gap', data: { ...own, row }, id: formatMergedCursor(stands) }
    } else {
      lines.push({ ...own, row })
      const { step, at, count } = own
      stands.set(name, { line: { step, at, count, row: own.row }, gap: 0 })
    }
    row += lengthOf(own)
  }
  yield* flush()
}

function lengthOf(row: LogRow): number {
  return isGap(row) ? row.rows : 1
}

async function anyRing(
  parts: Part[],
  rings: number[],
  withinMs: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  await Promise.race(parts.map(({ log }, i) => log.wake.next(either, withinMs, rings[i])))
  over.abort()
}
