import type { Kube } from '#server/platform/kube/kube.ts'
import { isNewer } from '#server/platform/kube/resource-version.ts'
import { keyOf, type SharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import type { Log } from '#server/platform/log.ts'
import { type ChangeSignal, createChangeSignal } from '#server/platform/time/change-signal.ts'
import type { ArchivePageCache } from '#server/runs/log/archive/archive-page-cache.ts'
import type { ArchivedLog, LogKey, RunArchive } from '#server/runs/log/archive/run-archive.ts'
import { type LogHistory, withHistory } from '#server/runs/log/loki/with-history.ts'
import type { Redaction } from '#server/runs/log/redaction/redaction.ts'
import { isGap, type LogRow } from '#server/runs/model/log-entry.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { runState } from '#server/runs/views/run-view.ts'
import { followRunSteps } from './follow-run-steps.ts'
import { createLogFreshness } from './log-freshness.ts'
import { followRunContainer } from './run-containers.ts'
import { createRunLogBuffer } from './run-log-buffer.ts'

export type RunLogsOptions = {
  kube: Kube
  runs: SharedWatch<TaskRun>
  archive: RunArchive
  redaction: Redaction
  /** Where logs are that were written before there was an archive. */
  history?: LogHistory
  log: Log
  signal: AbortSignal
  unwatchedMs?: number
  /** A run that was only just made may come so late; one that has not come by then is gone. */
  unseenMs?: number
  /** In memory, of all logs together. */
  holds?: { bytes: number; logs: number }
}

export type ReadableLog = {
  /** The last row that there is by now. */
  rows(): number
  isEnded(): boolean
  /** Some rows from this one on, ending where a whole line ends; none at the end of what there is. */
  page(row: number): Promise<LogRow[]>
}

/** One log, for all who read it in this process. */
export type FollowedLog = ReadableLog & {
  run(): TaskRun
  failed(): Error | undefined
  /** Nobody read it for a while, so that it is not followed any more. */
  released(): boolean
  /** Counts a reader until it leaves by what this returns. */
  enter(unwatchedMs: number): () => void
  /** True once all is read that was written when this was asked; false where nobody can say. */
  caughtUp(): Promise<boolean>
  wake: ChangeSignal
  /** Whole in the archive, and nothing of it in memory. */
  isStored: boolean
  bytes(): number
  usedMs(): number
}

const linesAtOnce = 1000
const pagesKeptMax = 3
/** Of what is archived so much stays in memory, for those who follow its end. */
const tailBytes = 4 << 20
const runBytesMax = 32 << 20
const askArchiveEveryMs = 1_000

/** Follows a log from after what is archived; the newest rows are in memory, older ones are read from the archive. */
export function followShared(
  options: RunLogsOptions & {
    key: LogKey
    head: ArchivedLog | undefined
    pages: ArchivePageCache
    run: TaskRun
    container: string | undefined
    onEnd: () => Promise<void>
    /** What this log may take of the memory that all have. */
    shareBytes: () => number
  },
): FollowedLog {
  const { kube, runs, archive, redaction, log, key, head, pages, container, onEnd, shareBytes } =
    options
  const { unseenMs = 10_000 } = options
  const leaving = new AbortController()
  const signal = AbortSignal.any([options.signal, leaving.signal])
  const buffer = createRunLogBuffer(head?.rows)
  const wake = createChangeSignal()
  const beganMs = performance.now()
  let { run } = options
  let isSeen = false
  let isOver = false
  let failed: Error | undefined
  let readers = 0
  let usedMs = performance.now()
  let askedMs = 0

  /** The newest that is known of this very run: one of the same name that came later is another. */
  function current(): TaskRun | undefined {
    const now = runs.get(keyOf(run))
    if (now && identityOf(now) === identityOf(run)) {
      // Whoever asked for it may know more than the watch does by now.
      if (isNewer(now.metadata.resourceVersion, run.metadata.resourceVersion)) run = now
      isSeen = true
    } else if (now || (runs.isSynced() && !mayCome())) return undefined
    return run
  }

  /** A run that was only just made is known to who made it before the watch tells of it. */
  function mayCome(): boolean {
    return !isSeen && isOpen(run) && performance.now() - beganMs < unseenMs
  }

  const catchUp = createLogFreshness({
    ...{ kube, container, wake, signal },
    run: current,
    isOver: () => isOver,
  })
  catchUp.read(head?.position)

  async function fill() {
    const changed = (until: AbortSignal) => wake.next(until, 5000)
    const watched = { current, last: () => run, changed }
    const { redactor } = redaction
    const from = head?.position
    const asked = { kube, watched, redactor, from, signal, reached: catchUp.reached }
    const live = container ? followRunContainer(asked, container) : followRunSteps(asked)
    const history = head || container ? undefined : options.history
    const source = history ? withHistory(live, history, run, redactor, signal) : live
    try {
      for await (const { entries, at } of source) {
        buffer.push(entries)
        catchUp.read(at)
        wake.notify()
        if (buffer.bytes() > Math.min(tailBytes, shareBytes())) await trim()
      }
    } catch (error) {
      failed = error instanceof Error ? error : new Error(String(error))
      log.warn({ err: error, run: keyOf(run), container }, 'a log could not be followed')
    }
    isOver = true
    wake.notify()
    await onEnd()
  }

  /** Rows that are in the archive are dropped here; without an archive only what cannot be held. */
  async function trim() {
    const half = Math.floor((buffer.next() + buffer.first()) / 2)
    if (buffer.bytes() > Math.min(runBytesMax, 2 * shareBytes())) buffer.dropBefore(half)
    if (performance.now() - askedMs < askArchiveEveryMs) return
    askedMs = performance.now()
    const archived = await archive.findLog(key).catch(() => undefined)
    if (archived) buffer.dropBefore(Math.min(archived.rows + 1, half))
  }

  // Readers at the same place are all told the same page; one that is full does not change any more.
  const kept = new Map<number, { next: number; rows: LogRow[] }>()
  function newest(row: number): LogRow[] {
    const there = kept.get(row)
    if (there && (there.rows.length >= linesAtOnce || there.next === buffer.next())) {
      return there.rows
    }
    const rows = buffer.read(row, linesAtOnce)
    if (rows.length === 0) return rows
    kept.delete(row)
    kept.set(row, { next: buffer.next(), rows })
    for (const old of kept.keys()) if (kept.size > pagesKeptMax) kept.delete(old)
    return rows
  }

  void fill()
  return {
    wake,
    isStored: false,
    run: () => current() ?? run,
    failed: () => failed,
    released: () => leaving.signal.aborted,
    isEnded: () => isOver && !leaving.signal.aborted,
    rows: () => buffer.next() - 1,
    bytes: () => buffer.bytes(),
    usedMs: () => usedMs,
    async page(row) {
      const rows = newest(row)
      if (rows.length > 0 || row >= buffer.first()) return rows
      const old = await pages.read(key, row).catch(() => [])
      if (old.length > 0) return old
      const [left] = buffer.read(buffer.first(), 1)
      const lost = buffer.first() - row
      return lost > 0 ? [{ row, rows: lost, step: left?.step ?? '', reason: 'truncated' }] : []
    },
    caughtUp: catchUp.caughtUp,
    enter(unwatchedMs) {
      readers++
      let isIn = true
      return () => {
        if (!isIn) return
        isIn = false
        usedMs = performance.now()
        if (--readers > 0 || isOver) return
        const release = () => {
          if (readers === 0 && !isOver && performance.now() - usedMs >= unwatchedMs) leaving.abort()
        }
        setTimeout(release, unwatchedMs + 1).unref()
      }
    },
  }
}

function isOpen(run: TaskRun): boolean {
  const state = runState(run)
  return state === 'pending' || state === 'running'
}

export function identityOf(run: TaskRun): string {
  return run.metadata.uid ?? keyOf(run)
}

/** The row after these. */
export function rowAfter(rows: readonly LogRow[], row: number): number {
  const last = rows.at(-1)
  if (!last) return row
  return isGap(last) ? last.row + last.rows : last.row + 1
}
