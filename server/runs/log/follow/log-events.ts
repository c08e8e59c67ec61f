import {
  formatRunCursor,
  isAtCursor,
  type RunCursor,
  resumeAfterRow,
} from '#server/runs/log/cursor/run-cursor.ts'
import type { Redaction } from '#server/runs/log/redaction/redaction.ts'
import { isGap, type LogRow, logLineOf } from '#server/runs/model/log-entry.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { LogEvent } from '#server/runs/views/log-event.ts'
import type { LogLine } from '#server/runs/views/run.ts'
import type { LogContainer } from '#server/runs/views/run-log-views.ts'
import { runView } from '#server/runs/views/run-view.ts'
import { type FollowedLog, rowAfter } from './shared-log-follower.ts'

export type IdentifiedLogEvent = LogEvent & { id?: string }

/** More rows than this are told to a reader as being behind. */
export const behindRows = 10_000
const undecidedMs = 3_000

/** What is to be said of the run itself since it was last asked: its steps, and what else is in its pod. */
export type StatusUpdates = {
  (): AsyncIterable<IdentifiedLogEvent>
  end(rows: number): Iterable<IdentifiedLogEvent>
}

type News = { json: string; data: Extract<LogEvent, { event: 'steps' }>['data'] }

const newsKept = new WeakMap<TaskRun, News>()

/** Worked out once for all who are told of the same state of a run, for as long as the rules are the same. */
function newsOf(run: TaskRun, redaction: Redaction): News {
  const safe = redaction.object(run)
  const there = newsKept.get(safe)
  if (there) return there
  const { state, steps, failedStep } = runView(safe)
  const attempt = (safe.status?.retriesStatus?.length ?? 0) + 1
  const data = { state, steps, failedStep, attempt }
  const news = { json: JSON.stringify(data), data }
  newsKept.set(safe, news)
  return news
}

export function statusUpdates(
  run: () => TaskRun,
  redaction: Redaction,
  containers: (run: TaskRun) => Promise<LogContainer[]>,
): StatusUpdates {
  let seen: TaskRun | undefined
  let told = ''
  let toldContainers = '[]'
  async function* news(): AsyncGenerator<IdentifiedLogEvent> {
    const now = run()
    if (now === seen) return
    seen = now
    const { json, data } = newsOf(now, redaction)
    if (json !== told) yield { event: 'steps', data }
    told = json
    // Where it cannot be asked now, the log goes on without.
    const there = await containers(now).catch(() => undefined)
    if (!there) return
    const text = JSON.stringify(there)
    if (text !== toldContainers) yield { event: 'containers', data: { containers: there } }
    toldContainers = text
  }
  return Object.assign(news, {
    *end(rows: number): Generator<IdentifiedLogEvent> {
      yield { event: 'end', data: { state: newsOf(run(), redaction).data.state, rows } }
    },
  })
}

/**
 * What one reader of a log is told. Each reads at its own pace: a slow one is told how far it is behind, and holds
 * nobody back.
 */
export async function* logEvents(
  log: FollowedLog,
  tidings: StatusUpdates,
  cursor: RunCursor | undefined,
  signal: AbortSignal,
  from = 1,
): AsyncGenerator<IdentifiedLogEvent> {
  const start = cursor && (await rowOf(log, cursor))
  const resumed = cursor && !start ? resumeAfterRow(cursor) : undefined
  let row = start ?? (resumed ? 1 : from)
  if (row > 1 && !cursor) yield { event: 'tail', data: { from: row } }
  let behind = false
  while (!signal.aborted) {
    // Both are taken before reading, so that nothing that comes in between is waited for.
    const rings = log.wake.version()
    const isEnded = log.isEnded()
    yield* tidings()
    const page = await log.page(row)
    row = rowAfter(page, row)
    const rows = log.rows() + 1 - row
    if (rows > behindRows || (behind && rows === 0)) {
      behind = rows > 0
      yield { event: 'behind', data: { rows } }
    }
    if (page.length > 0) yield* eventsOf(resumed ? resumed.push(page) : page)
    else if (isEnded) {
      if (resumed) yield* eventsOf(resumed.release())
      const failed = log.failed()
      if (failed) throw failed
      yield* tidings.end(log.rows())
      return
    } else {
      await log.wake.next(signal, resumed?.isHolding() ? undecidedMs : undefined, rings)
      if (resumed?.isHolding() && log.rows() < row) yield* eventsOf(resumed.release())
    }
  }
}

/** Where the reader goes on, if its line is where it says. */
export async function rowOf(log: FollowedLog, cursor: RunCursor): Promise<number | undefined> {
  if (cursor.row === undefined || cursor.row > log.rows()) return undefined
  const [row] = await log.page(cursor.row)
  return row && isAtCursor(row, cursor) ? cursor.row + 1 : undefined
}

const eventsKept = new WeakMap<LogRow[], IdentifiedLogEvent[]>()

/** The events of a page; the same ones for all who are told the same page. */
function eventsOf(page: LogRow[]): IdentifiedLogEvent[] {
  const there = eventsKept.get(page)
  if (there) return there
  const events: IdentifiedLogEvent[] = []
  let lines: LogLine[] = []
  let id: string | undefined
  const flush = () => {
    if (lines.length > 0) events.push({ event: 'lines', data: { lines }, id })
    lines = []
  }
  for (const row of page) {
    if (isGap(row)) {
      flush()
      events.push({ event: 'gap', data: row })
    } else {
      lines.push(logLineOf(row))
      id = formatRunCursor(row)
    }
  }
  flush()
  eventsKept.set(page, events)
  return events
}
