import { AppError } from '#server/domain/errors.ts'
import { runState } from '#server/domain/run-view.ts'
import type { LogEvent } from '#server/domain/stream-events.ts'
import type { TaskRun } from '#server/domain/task-run.ts'
import type { Kube } from '#server/kube/kube.ts'
import { keyOf, type SharedWatch } from '#server/kube/shared-watch.ts'
import type { Log } from '#server/log.ts'
import { followRunSteps } from './follow-run-steps.ts'
import type { LogRow } from './log-entry.ts'
import { followRunContainer, runContainers } from './run-containers.ts'
import type { RunCursor } from './run-cursor.ts'
import { createRunLogBuffer, type RunLogBuffer } from './run-log-buffer.ts'
import { tellLog } from './tell-log.ts'
import { createWake, type Wake } from './wake.ts'

export type IdentifiedLogEvent = LogEvent & { id?: string }

/** `container`: one sidecar or init container in place of the steps. */
export type WhichLog = { run: TaskRun; container?: string }

export type RunLogs = {
  /** Rows from after the cursor on, live until the run has ended and all of it was told. */
  follow(
    which: WhichLog,
    cursor: RunCursor | undefined,
    signal: AbortSignal,
  ): AsyncIterable<IdentifiedLogEvent>
  /** What is known of it now; of a run that has ended, all that can be had. */
  read(which: WhichLog, signal: AbortSignal): Promise<ReadableLog>
}

export type ReadableLog = {
  /** The last row that there is by now. */
  rows(): number
  isEnded(): boolean
  /** Some rows from this one on, ending where a whole line ends; none at the end of what there is. */
  page(row: number): Promise<LogRow[]>
}

/** One log that is followed for all its readers. */
export type FollowedLog = ReadableLog & {
  run(): TaskRun
  failed(): Error | undefined
  wake: Wake
}

type Followed = FollowedLog & { buffer: RunLogBuffer; usedMs: number }

const linesAtOnce = 1000
const runBytesMax = 32 << 20
const allBytesMax = 96 << 20

/** Follows each log once for all readers of this process; what was read stays until newer logs need the room. */
export function createRunLogs(
  kube: Kube,
  runs: SharedWatch<TaskRun>,
  log: Log,
  signal: AbortSignal,
): RunLogs {
  const followed = new Map<string, Followed>()

  runs.subscribe((event) => {
    if (event.type === 'upsert') touched(event.object)
    else if (event.type === 'snapshot') for (const run of event.objects) touched(run)
    else if (event.type === 'remove') ring(event.object)
  }, signal)

  function touched(run: TaskRun) {
    ring(run)
    // Watched or not: when a run is cancelled its pod goes, and its log with it.
    if (runState(run) === 'running') open({ run })
  }

  function ring(run: TaskRun) {
    for (const [id, one] of followed) if (id.startsWith(identityOf(run))) one.wake.ring()
  }

  function open({ run, container }: WhichLog): Followed {
    const id = `${identityOf(run)} ${container ?? ''}`
    const there = followed.get(id)
    if (there && !there.failed()) {
      there.usedMs = performance.now()
      return there
    }
    const one = start({ run, container })
    followed.set(id, one)
    return one
  }

  function start({ run: first, container }: WhichLog): Followed {
    const buffer = createRunLogBuffer()
    const wake = createWake()
    let run = first
    let isOver = false
    let failed: Error | undefined

    /** The newest that is known of this very run: one of the same name that came later is another. */
    function current(): TaskRun | undefined {
      const now = runs.get(keyOf(run))
      if (now && identityOf(now) === identityOf(run)) run = now
      else if (now || runs.isSynced()) return undefined
      return run
    }

    async function fill() {
      const watched = { current, changed: (until: AbortSignal) => wake.next(until, 5000) }
      try {
        const parts = container
          ? followRunContainer(kube, container, watched, signal)
          : followRunSteps(kube, watched, signal)
        for await (const { entries } of parts) {
          buffer.push(entries)
          if (buffer.bytes() > runBytesMax) buffer.dropBefore(buffer.next() - rowsToKeep(buffer))
          wake.ring()
        }
      } catch (error) {
        failed = error instanceof Error ? error : new Error(String(error))
        log.warn({ err: error, run: keyOf(run), container }, 'a log could not be followed')
      }
      isOver = true
      wake.ring()
      makeRoom()
    }

    // Readers that keep up are all told the same page.
    let kept: { row: number; next: number; rows: LogRow[] } | undefined
    function newest(row: number): LogRow[] {
      if (kept?.row === row && kept.next === buffer.next()) return kept.rows
      const rows = buffer.read(row, linesAtOnce)
      if (rows.length > 0) kept = { row, next: buffer.next(), rows }
      return rows
    }

    void fill()
    return {
      buffer,
      wake,
      usedMs: performance.now(),
      run: () => current() ?? run,
      failed: () => failed,
      isEnded: () => isOver,
      rows: () => buffer.next() - 1,
      async page(row) {
        const rows = newest(row)
        if (rows.length > 0 || row >= buffer.first()) return rows
        const [left] = buffer.read(buffer.first(), 1)
        const lost = buffer.first() - row
        return [{ row, rows: lost, step: left?.step ?? '', reason: 'truncated' }]
      },
    }
  }

  function makeRoom() {
    const over = [...followed].filter(([, one]) => one.isEnded()).sort(byUse)
    let bytes = [...followed.values()].reduce((sum, one) => sum + one.buffer.bytes(), 0)
    for (const [id, one] of over) {
      if (bytes <= allBytesMax && followed.size <= 500) return
      bytes -= one.buffer.bytes()
      followed.delete(id)
    }
  }

  /** Only what the pod of this run has: any other name is not there. */
  async function known(which: WhichLog): Promise<WhichLog> {
    if (!which.container) return which
    const there = await runContainers(kube, which.run)
    if (there.some(({ name }) => name === which.container)) return which
    throw new AppError('not-found', `The run has no container ${which.container}.`)
  }

  return {
    async *follow(which, cursor, until) {
      const one = open(await known(which))
      const containers = () => runContainers(kube, one.run())
      yield* tellLog(one, containers, cursor, until)
    },
    async read(which, until) {
      const one = open(await known(which))
      const state = runState(one.run())
      const isAtWork = state === 'running' || state === 'pending'
      while (!isAtWork && !one.isEnded() && !until.aborted) await one.wake.next(until)
      const failed = one.failed()
      if (failed) throw failed
      return one
    },
  }
}

/** A quarter is dropped at once, so that moving the rest is rare. */
function rowsToKeep(buffer: RunLogBuffer): number {
  return Math.floor((buffer.next() - buffer.first()) * 0.75)
}

export function identityOf(run: TaskRun): string {
  return run.metadata.uid ?? keyOf(run)
}

function byUse([, a]: [string, Followed], [, b]: [string, Followed]): number {
  return a.usedMs - b.usedMs
}
