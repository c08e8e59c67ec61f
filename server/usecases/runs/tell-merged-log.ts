import { isGap, type LogRow, logLineOf } from '#server/domain/runs/log-entry.ts'
import {
  type MergedRow,
  type MergePart,
  overStamp,
  stampOf,
  takeMerged,
} from '#server/domain/runs/merge-rows.ts'
import { type FollowedLog, rowAfter } from './follow-once.ts'
import {
  formatMergedCursor,
  type MergedCursor,
  type RunCursor,
  resumeAfterRow,
} from './run-cursor.ts'
import { behindRows, type IdentifiedLogEvent, rowOf, type Tidings } from './tell-log.ts'

export type NamedLog = { name: string; log: FollowedLog }

type Part = MergePart & {
  name: string
  log: FollowedLog
  /** The row that is read next. */
  next: number
  isOver: boolean
  resumed?: ReturnType<typeof resumeAfterRow>
}

/**
 * So long after it was written a line may still come, while other logs wait for it; at first longer, as each of them has to
 * be opened. A line that is later than that is told in its log's order, where it came.
 */
const holdMs = 1_000
const openingMs = 3_000
const rowsAtOnce = 1_000

/** What one reader is told of several logs at once: by time, each row numbered in the whole. */
export async function* tellMergedLog(
  logs: readonly NamedLog[],
  tidings: Tidings,
  cursor: MergedCursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<IdentifiedLogEvent> {
  const parts = await Promise.all(logs.map((one) => partOf(one, cursor?.get(one.name))))
  const stands = new Map(cursor)
  const beganMs = performance.now()
  let heldAtMs: number | undefined
  let behind = false
  while (!signal.aborted) {
    const rings = parts.map(({ log }) => log.wake.rings())
    yield* tidings()
    for (const part of parts) await fill(part)
    // The second is for a node whose clock is ahead of ours.
    const isDue = heldAtMs !== undefined && performance.now() - heldAtMs >= openingMs
    const isOpening = performance.now() - beganMs < openingMs
    const lateMs = isOpening ? openingMs : holdMs
    const until = isDue ? overStamp : stampOf(new Date(Date.now() - lateMs).toISOString())
    for (const part of parts) {
      if (isDue) release(part)
      part.until = part.isOver ? overStamp : until
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
    const isHolding = parts.some(({ rows, resumed }) => rows.length > 0 || resumed?.isHolding())
    if (isHolding) heldAtMs ??= performance.now()
    await anyRing(parts, rings, isHolding ? holdMs : undefined, signal)
  }
  if (signal.aborted) return
  const failed = parts.find(({ log }) => log.failed())?.log.failed()
  if (failed) throw failed
  yield* tidings.end(parts.reduce((sum, { log }) => sum + log.rows(), 0))
}

async function partOf({ name, log }: NamedLog, cursor: RunCursor | undefined): Promise<Part> {
  const start = cursor && (await rowOf(log, cursor))
  const resumed = cursor && !start ? resumeAfterRow(cursor) : undefined
  return { name, log, next: start ?? 1, resumed, rows: [], isOver: false, until: '', stamp: '' }
}

/** Reads on where nothing of it waits to be placed. */
async function fill(part: Part): Promise<void> {
  while (part.rows.length === 0) {
    // Taken before reading: what comes in between is read in the next round.
    const isEnded = part.log.isEnded()
    const page = await part.log.page(part.next)
    part.next = rowAfter(page, part.next)
    part.rows = part.resumed ? part.resumed.push(page) : [...page]
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
  stands: Map<string, RunCursor>,
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
    if (isGap(own)) {
      yield* flush()
      yield { event: 'gap', data: { ...own, row } }
    } else {
      lines.push({ ...own, row })
      const { step, at, count } = own
      stands.set(parts[part]?.name ?? '', { step, at, count, row: own.row })
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
