import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createChangeSignal } from '#server/platform/time/change-signal.ts'
import { parseMergedCursor } from '#server/runs/log/cursor/run-cursor.ts'
import type { IdentifiedLogEvent, StatusUpdates } from '#server/runs/log/follow/log-events.ts'
import { createRunLogBuffer } from '#server/runs/log/follow/run-log-buffer.ts'
import type { FollowedLog } from '#server/runs/log/follow/shared-log-follower.ts'
import { pagesOf } from '#server/runs/log/follow/write-log-file.ts'
import { type LogEntry, type LogRow, piecesOf } from '#server/runs/model/log-entry.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { mergedLog } from './merged-log.ts'
import { mergedLogEvents } from './merged-log-events.ts'

const run = { metadata: { name: 'run' }, spec: {} } as TaskRun
const silent: StatusUpdates = Object.assign(async function* () {}, { *end() {} })
const names = ['init', 'steps', 'sidecar']
const pageRows = 4

/** A log that is written at one end and comes at the other whenever the test says. */
function slowLog() {
  const buffer = createRunLogBuffer()
  const wake = createChangeSignal()
  const written: LogEntry[][] = []
  let come = 0
  let isOver = false
  let refusals = 0
  const log: FollowedLog = {
    wake,
    run: () => run,
    failed: () => undefined,
    released: () => false,
    enter: () => () => {},
    isStored: false,
    bytes: buffer.bytes,
    usedMs: () => 0,
    rows: () => buffer.next() - 1,
    isEnded: () => isOver,
    page: async (row) => buffer.read(row, pageRows),
    async caughtUp() {
      const asked = written.length
      // Now and then the kubelet does not say.
      if (refusals++ % 3 === 0) return false
      while (come < asked) await wake.next(never)
      return true
    },
  }
  return {
    log,
    write: (entries: LogEntry[]) => written.push(entries),
    come(count: number) {
      for (const entries of written.slice(come, come + count)) buffer.push(entries)
      come = Math.min(written.length, come + count)
      wake.notify()
    },
    end() {
      this.come(written.length)
      isOver = true
      wake.notify()
    },
  }
}

const never = new AbortController().signal
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** What writes, what comes late, and how much of it; the containers of a pod have one clock, and each attempt another pod. */
const life = fc.array(
  fc.record({
    part: fc.nat(2),
    act: fc.constantFrom('write', 'write', 'come', 'turn', 'gap', 'retry'),
    count: fc.integer({ min: 1, max: 9 }),
    later: fc.nat(2),
  }),
  { maxLength: 60 },
)

test('however late a line comes, it stands where it stands afterwards, and keeps the number that it was linked by', async () => {
  await fc.assert(
    fc.asyncProperty(life, fc.nat(20), async (acts, cutAt) => {
      const logs = names.map(slowLog)
      const leaving = new AbortController()
      const reader = readAll(logs, undefined, leaving.signal, cutAt)
      let nanos = 5_000
      let attempt = 1
      for (const { part, act, count, later } of acts) {
        const step = names[part] ?? ''
        const where = { step, ...(attempt > 1 ? { attempt } : {}) }
        if (act === 'retry') {
          // The next pod may run where the clock is behind.
          attempt++
          nanos -= 30
        } else if (act === 'gap') logs[part]?.write([{ ...where, reason: 'rotated' }])
        else if (act === 'come') logs[part]?.come(count)
        else if (act === 'turn') {
          await turn()
          // Whoever asked meanwhile how far a log is written asked before what comes next: that is younger.
          nanos++
        } else {
          for (let line = 0; line < count; line++) {
            nanos += later
            const at = `2026-11-24T00:00:00.${String(nanos).padStart(9, '0')}Z`
            const text = 'x'.repeat(count === 9 && line === 0 ? 40_000 : 3)
            logs[part]?.write(piecesOf({ ...where, at, count: line + 1, text }))
          }
        }
      }
      for (const log of logs) {
        await turn()
        log.end()
      }
      const seen = await reader
      const kept: LogRow[] = []
      const whole = mergedLog(logs.map(({ log }) => log))
      for await (const page of pagesOf(whole, leaving.signal)) kept.push(...page)
      expect(seen).toEqual(kept.map(numberAndText))
      leaving.abort()
    }),
    { numRuns: 300 },
  )
})

/** By number, what a reader is told; it goes away once after so many rows and comes back. */
async function readAll(
  logs: ReturnType<typeof slowLog>[],
  from: string | undefined,
  signal: AbortSignal,
  cutAt: number,
): Promise<[number, string][]> {
  const seen: [number, string][] = []
  const named = logs.map(({ log }, index) => ({ name: names[index] ?? '', log }))
  let id = from
  for await (const event of mergedLogEvents(named, silent, parseMergedCursor(id), signal)) {
    seen.push(...toldBy(event))
    id = event.id ?? id
    if (event.id && seen.length >= cutAt) {
      return [...seen, ...(await readAll(logs, id, signal, Number.POSITIVE_INFINITY))]
    }
  }
  return seen
}

function toldBy(event: IdentifiedLogEvent): [number, string][] {
  if (event.event === 'lines') return event.data.lines.map(({ row, text }) => [row, text])
  return event.event === 'gap' ? [[event.data.row, event.data.reason]] : []
}

function numberAndText(row: LogRow): [number, string] {
  return [row.row, 'text' in row ? row.text : row.reason]
}
