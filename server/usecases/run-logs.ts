import { runState, runView } from '#server/domain/run-view.ts'
import type { LogEvent } from '#server/domain/stream-events.ts'
import type { TaskRun } from '#server/domain/task-run.ts'
import type { Kube } from '#server/kube/kube.ts'
import { keyOf, type SharedWatch } from '#server/kube/shared-watch.ts'
import type { Log } from '#server/log.ts'
import { followRunSteps } from './follow-run-steps.ts'
import {
  createRunLogBuffer,
  formatRunCursor,
  type LogEntry,
  type RunCursor,
  type RunLogBuffer,
  skipSeen,
} from './run-log-buffer.ts'
import { createWake, type Wake } from './wake.ts'

export type IdentifiedLogEvent = LogEvent & { id?: string }

export type RunLogs = {
  /** Steps and lines from after the cursor on, live until the run has ended and all of it was told. */
  follow(
    run: TaskRun,
    cursor: RunCursor | undefined,
    signal: AbortSignal,
  ): AsyncIterable<IdentifiedLogEvent>
  /** What is known of it now; of a run that has ended, all that can be had. */
  readAll(run: TaskRun, signal: AbortSignal): AsyncIterable<LogEntry[]>
}

type Followed = {
  run: TaskRun
  buffer: RunLogBuffer
  wake: Wake
  isOver: boolean
  failed: Error | undefined
  usedMs: number
}

const linesAtOnce = 500
const runBytesMax = 32 << 20
const allBytesMax = 96 << 20

/**
 * Follows every run that is at work, watched or not: when a run is cancelled its pod goes, and its log with it. What was
 * read stays in memory, for all readers of this process, until newer logs need the room.
 */
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
    else if (event.type === 'remove') followed.get(identityOf(event.object))?.wake.ring()
  }, signal)

  function touched(run: TaskRun) {
    const there = followed.get(identityOf(run))
    if (there) {
      there.run = run
      there.wake.ring()
    } else if (runState(run) === 'running') follow(run)
  }

  function follow(run: TaskRun): Followed {
    const id = identityOf(run)
    const there = followed.get(id)
    if (there && !there.failed) return there
    const one: Followed = {
      run,
      buffer: createRunLogBuffer(runBytesMax),
      wake: createWake(),
      isOver: false,
      failed: undefined,
      usedMs: performance.now(),
    }
    followed.set(id, one)
    void fill(one)
    return one
  }

  async function fill(one: Followed) {
    const watched = {
      current: () => current(one),
      changed: (until: AbortSignal) => one.wake.next(until, 5000),
    }
    try {
      for await (const entries of followRunSteps(kube, watched, signal)) {
        one.buffer.push(entries)
        one.wake.ring()
      }
    } catch (error) {
      one.failed = error instanceof Error ? error : new Error(String(error))
      log.warn({ err: error, run: keyOf(one.run) }, 'a log could not be followed')
    }
    one.isOver = true
    one.wake.ring()
    makeRoom()
  }

  /** The newest that is known of this very run: one of the same name that came later is another. */
  function current(one: Followed): TaskRun | undefined {
    const now = runs.get(keyOf(one.run))
    if (now && identityOf(now) === identityOf(one.run)) one.run = now
    else if (now || runs.isSynced()) return undefined
    return one.run
  }

  function makeRoom() {
    const over = [...followed].filter(([, one]) => one.isOver).sort(byUse)
    let bytes = [...followed.values()].reduce((sum, one) => sum + one.buffer.bytes(), 0)
    for (const [id, one] of over) {
      if (bytes <= allBytesMax && followed.size <= 500) return
      bytes -= one.buffer.bytes()
      followed.delete(id)
    }
  }

  return {
    async *follow(run, cursor, until) {
      const one = follow(run)
      const skip = cursor && skipSeen(cursor)
      let index = 0
      let told = ''
      let warned = false
      while (!until.aborted) {
        one.usedMs = performance.now()
        const { state, steps, failedStep } = runView(current(one) ?? one.run)
        const now = JSON.stringify({ state, steps, failedStep })
        if (now !== told) {
          told = now
          yield { event: 'steps', data: { state, steps, failedStep } }
        }
        const { entries, next, dropped } = one.buffer.read(index, linesAtOnce)
        if (dropped && !warned && !skip) {
          warned = true
          yield { event: 'gap', data: { step: steps[0]?.name ?? '', reason: 'rotated' } }
        }
        index = next
        if (entries.length > 0) {
          yield* eventsOf(skip ? entries.filter((entry) => !skip(entry)) : entries)
        } else if (one.isOver) {
          if (one.failed) throw one.failed
          yield { event: 'end', data: { state } }
          return
        } else await one.wake.next(until)
      }
    },
    async *readAll(run, until) {
      const one = follow(run)
      const isAtWork = runState(run) === 'running' || runState(run) === 'pending'
      for (let index = 0; !until.aborted; ) {
        one.usedMs = performance.now()
        const { entries, next } = one.buffer.read(index, linesAtOnce)
        index = next
        if (entries.length > 0) yield entries
        else if (one.isOver || isAtWork) return
        else await one.wake.next(until)
      }
    },
  }
}

function* eventsOf(entries: LogEntry[]): Generator<IdentifiedLogEvent> {
  let lines: { step: string; at: string; text: string }[] = []
  let id = ''
  for (const entry of entries) {
    if ('text' in entry) {
      lines.push({ step: entry.step, at: entry.at, text: entry.text })
      id = formatRunCursor(entry)
      continue
    }
    if (lines.length > 0) yield { event: 'lines', data: { lines }, id }
    lines = []
    yield { event: 'gap', data: { step: entry.step, reason: entry.gap } }
  }
  if (lines.length > 0) yield { event: 'lines', data: { lines }, id }
}

function identityOf(run: TaskRun): string {
  return run.metadata.uid ?? keyOf(run)
}

function byUse([, a]: [string, Followed], [, b]: [string, Followed]): number {
  return a.usedMs - b.usedMs
}
