import type { Log } from '#server/platform/log.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { backoffMs, pause } from '#server/platform/time/backoff.ts'
import type { LogBatch, StepPosition } from '#server/runs/log/follow/follow-run-steps.ts'
import { chunkBytes, createArchiveBacklog } from './archive-backlog.ts'
import type { ArchiveMetrics } from './archive-metrics.ts'
import type { ArchivedLog, LogKey, RunArchive } from './run-archive.ts'

export type ArchiveLimits = {
  /** Of text, for one log. */
  runBytesMax: number
  /** New rows are in the archive after this at the latest. */
  flushMs: number
}

export type ArchiveOptions = {
  archive: RunArchive
  key: LogKey
  /** What comes after a position. */
  open: (from: StepPosition | undefined, signal: AbortSignal) => AsyncIterable<LogBatch>
  limits: ArchiveLimits
  metrics: ArchiveMetrics | undefined
  log: Log
  signal: AbortSignal
}

/** So much is kept while the database is away; then the kubelet has to keep the rest. */
const backlogBytesMax = 8 << 20
const retry = { baseMs: 200, maxMs: 10_000 }

/**
 * Copies one log into the archive until it has ended: from after what is there already, so that a controller that
 * follows another loses no line and repeats none.
 */
export async function archiveRunLog(options: ArchiveOptions): Promise<void> {
  const { archive, key, open, log, signal } = options
  for (let failures = 0; !signal.aborted; failures++) {
    const leaving = new AbortController()
    try {
      const head = await findLog(archive, key)
      if (head?.complete) return
      const source = open(head?.position, AbortSignal.any([signal, leaving.signal]))
      if (await copy(options, source, head?.rows ?? 0)) return
      log.info({ ...key }, 'another process wrote this log: going on from there')
    } catch (error) {
      if (signal.aborted) return
      log.warn({ err: error, ...key }, 'a log cannot be archived yet')
    } finally {
      leaving.abort()
    }
    await pause(backoffMs(failures, retry.baseMs, retry.maxMs), signal)
  }
}

/**
 * While the database is away the log is read from its beginning: a run that is cancelled meanwhile must not be lost. If
 * something turns out to be there, the first append is refused.
 */
async function findLog(archive: RunArchive, key: LogKey): Promise<ArchivedLog | undefined> {
  try {
    return await archive.findLog(key)
  } catch (error) {
    if (error instanceof AppError && error.code === 'unavailable') return undefined
    throw error
  }
}

/** False where another writer came in between. */
async function copy(
  { archive, key, limits, metrics, log, signal }: ArchiveOptions,
  source: AsyncIterable<LogBatch>,
  written: number,
): Promise<boolean> {
  const backlog = createArchiveBacklog(written)
  let failures = 0
  let dueMs = Number.POSITIVE_INFINITY

  /** Undefined: the database is away, and what is there waits. */
  async function flush(complete: boolean): Promise<boolean | undefined> {
    try {
      for (;;) {
        const { rows, position, isLast } = backlog.chunk()
        const after = backlog.written()
        const bytesMax = limits.runBytesMax
        const append = { after, rows, position, complete: complete && isLast, bytesMax }
        if (!(await archive.appendLog(key, append))) return false
        backlog.wrote()
        metrics?.wrote(key)
        failures = 0
        dueMs = Number.POSITIVE_INFINITY
        if (isLast) return true
      }
    } catch (error) {
      if (failures === 0) log.warn({ err: error, ...key }, 'the archive cannot be written')
      metrics?.failed(key)
      dueMs = performance.now() + backoffMs(failures++, retry.baseMs, retry.maxMs)
      return undefined
    }
  }

  const batches = source[Symbol.asyncIterator]()
  let next = ask()
  while (!signal.aborted) {
    const isFull = backlog.bytes() > backlogBytesMax
    const batch = await within(isFull ? undefined : next, dueMs - performance.now(), signal)
    if (batch?.done) break
    if (batch) {
      backlog.push(batch.value)
      if (failures === 0 && backlog.hasLines()) {
        dueMs = Math.min(dueMs, performance.now() + limits.flushMs)
        if (backlog.bytes() > 4 * chunkBytes) dueMs = 0
      }
      next = ask()
    }
    if (performance.now() >= dueMs && (await flush(false)) === false) return false
  }
  // Nothing can be had of it any more: perhaps somebody else has it, and an empty archive would hide that.
  const nothing = written === 0 && !backlog.hasLines() && backlog.bytes() > 0
  if (nothing) return true
  for (;;) {
    const ended = !signal.aborted
    const flushed = await flush(ended)
    // What is not written at the end of this process is read again by the next.
    if (flushed !== undefined || !ended) return flushed ?? true
    await pause(dueMs - performance.now(), signal)
  }

  function ask() {
    const asked = batches.next()
    // It is heard where it is waited for, which may be later.
    asked.catch(() => {})
    return asked
  }
}

/** What comes first: the value, the time, or the end; undefined for the last two. */
async function within<T>(
  value: Promise<T> | undefined,
  ms: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  const over = new AbortController()
  const wait = pause(Math.min(Math.max(ms, 0), 2 ** 30), AbortSignal.any([signal, over.signal]))
  const nothing = wait.then(() => undefined)
  try {
    return await Promise.race(value ? [value, nothing] : [nothing])
  } finally {
    over.abort()
  }
}
