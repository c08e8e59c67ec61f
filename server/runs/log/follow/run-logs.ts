import { AppError } from '#server/platform/model/errors.ts'
import { createArchivePageCache } from '#server/runs/log/archive/archive-page-cache.ts'
import { readArchivedLog } from '#server/runs/log/archive/read-archived-log.ts'
import type { MergedCursor, RunCursor } from '#server/runs/log/cursor/run-cursor.ts'
import { mergedLog } from '#server/runs/log/merge/merged-log.ts'
import { mergedLogEvents } from '#server/runs/log/merge/merged-log-events.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { everyContainer, type LogContainer } from '#server/runs/views/run-log-views.ts'
import { runState } from '#server/runs/views/run-view.ts'
import { type IdentifiedLogEvent, logEvents, statusUpdates } from './log-events.ts'
import { runContainers } from './run-containers.ts'
import {
  type FollowedLog,
  followShared,
  identityOf,
  type ReadableLog,
  type RunLogsOptions,
} from './shared-log-follower.ts'

/** `container`: one sidecar or init container in place of the steps, or `everyContainer`. */
export type WhichLog = { run: TaskRun; container?: string }

export type RunLogs = {
  /** Rows from after the cursor on, or without one the last `tail`, live until the run has ended and all of it was told. */
  follow(
    which: WhichLog & { tail?: number },
    cursor: RunCursor | undefined,
    signal: AbortSignal,
  ): AsyncIterable<IdentifiedLogEvent>
  /** Steps, sidecars and init containers by time, after the lines of the cursor; live until all have ended. */
  followAll(
    run: TaskRun,
    cursor: MergedCursor | undefined,
    signal: AbortSignal,
  ): AsyncIterable<IdentifiedLogEvent>
  /** What is known of it now; of a run that has ended, all that can be had. */
  read(which: WhichLog, signal: AbortSignal): Promise<ReadableLog>
}

const holdsAtMost = { bytes: 96 << 20, logs: 500 }
const mergedMax = 10

/**
 * Where a log comes from does not show: what is archived is read from there, what is newer is followed, once for all
 * readers of this process. What was read is only a cache; the archive is filled by the controller.
 */
export function createRunLogs(options: RunLogsOptions): RunLogs {
  const { kube, runs, archive, log, signal, unwatchedMs = 60_000, holds = holdsAtMost } = options
  const pages = createArchivePageCache(archive)
  const opened = new Map<string, Promise<FollowedLog>>()
  const merged = new Map<string, ReadableLog>()
  const containersKept = new WeakMap<TaskRun, Promise<LogContainer[]>>()

  runs.subscribe((event) => {
    if (event.type === 'upsert' || event.type === 'remove') ring(event.object)
    else if (event.type === 'snapshot') for (const run of event.objects) ring(run)
  }, signal)

  function ring(run: TaskRun) {
    for (const [id, one] of opened) {
      if (!id.startsWith(identityOf(run))) continue
      // One that cannot be opened is refused to whoever asked for it.
      one.then(
        ({ wake }) => wake.notify(),
        () => {},
      )
    }
  }

  async function open(which: WhichLog): Promise<FollowedLog> {
    const id = `${identityOf(which.run)} ${which.container ?? ''}`
    const kept = opened.get(id)
    if (kept) {
      const there = await kept
      if (!there.failed() && !there.released()) return there
      if (opened.get(id) === kept) opened.delete(id)
      return open(which)
    }
    const one = start(which)
    opened.set(id, one)
    const forget = () => opened.delete(id)
    // What is whole in the archive is asked for anew: nothing of it is held here.
    one.then((log) => log.isStored && forget(), forget)
    return one
  }

  async function start({ run, container }: WhichLog): Promise<FollowedLog> {
    await known({ run, container })
    const key = { uid: identityOf(run), part: container ?? 'steps' }
    const head = await archive.findLog(key).catch((error) => {
      log.warn({ err: error, ...key }, 'the archive of a log cannot be asked')
      return undefined
    })
    if (head?.complete) return readArchivedLog(run, key, head, pages)
    const one = followShared({
      ...options,
      key,
      head,
      pages,
      run,
      container,
      onEnd: makeRoom,
      shareBytes,
    })
    return one
  }

  /** Many logs at once share what one alone may take. */
  const shareBytes = () => holds.bytes / Math.max(1, opened.size)

  async function makeRoom() {
    const all = [...opened]
    const settled = await Promise.allSettled(all.map(async ([id, one]) => ({ id, log: await one })))
    const logs = settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    const over = logs
      .filter(({ log }) => log.isEnded())
      .sort((a, b) => a.log.usedMs() - b.log.usedMs())
    let bytes = logs.reduce((sum, { log }) => sum + log.bytes(), 0)
    for (const { id, log } of over) {
      if (bytes <= holds.bytes && opened.size <= holds.logs) return
      bytes -= log.bytes()
      opened.delete(id)
    }
  }

  /** Only what the pod of this run had: any other name is not there. */
  async function known({ run, container }: WhichLog): Promise<void> {
    if (!container || (await archive.findLog({ uid: identityOf(run), part: container }))) return
    const { namespace = '', name } = run.metadata
    const isNew = !run.status?.podName && isAtWork(run)
    const now = (isNew && (await kube.find(TaskRun, { namespace, name }))) || run
    // Before there is a pod nobody knows what it has: it is waited for.
    if (!now.status?.podName && isAtWork(now)) return
    const there = await containersOf(now)
    if (there.some(({ name }) => name === container)) return
    throw new AppError('not-found', `The run has no container ${container}.`)
  }

  return {
    async *follow(which, cursor, until) {
      const one = await open(which)
      const leave = one.enter(unwatchedMs)
      try {
        const tidings = statusUpdates(one.run, options.redaction, containersOf)
        const from = which.tail ? Math.max(1, one.rows() + 1 - which.tail) : 1
        yield* logEvents(one, tidings, cursor, until, from)
      } finally {
        leave()
      }
    },
    async *followAll(run, cursor, until) {
      const steps = await open({ run })
      const leaves = [steps.enter(unwatchedMs)]
      const tidings = statusUpdates(steps.run, options.redaction, containersOf)
      try {
        // What there is to be followed is known once there is a pod.
        const isEarly = (now: TaskRun) => !now.status?.podName && isAtWork(now)
        while (isEarly(steps.run()) && !steps.isEnded() && !until.aborted) {
          const rings = steps.wake.version()
          yield* tidings()
          await steps.wake.next(until, undefined, rings)
        }
        const now = steps.run()
        const names = await partsOf(now)
        const logs = await Promise.all(names.map((part) => open(whichOf(now, part))))
        leaves.push(...logs.map((log) => log.enter(unwatchedMs)))
        const named = logs.map((log, index) => ({ name: names[index] ?? '', log }))
        yield* mergedLogEvents(named, tidings, cursor, until)
      } finally {
        for (const leave of leaves) leave()
      }
    },
    async read(which, until) {
      if (which.container !== everyContainer) return readOne(which, until)
      const kept = merged.get(identityOf(which.run))
      if (kept) return kept
      const names = await partsOf(which.run)
      const logs = await Promise.all(names.map((part) => readOne(whichOf(which.run, part), until)))
      const all = mergedLog(logs)
      if (logs.every(({ isStored }) => isStored)) {
        merged.set(identityOf(which.run), all)
        for (const old of merged.keys()) if (merged.size > mergedMax) merged.delete(old)
      }
      return all
    },
  }

  async function readOne(which: WhichLog, until: AbortSignal): Promise<FollowedLog> {
    const one = await open(which)
    const leave = one.enter(unwatchedMs)
    try {
      // The log of one that was asked for as ended may be followed by who does not know that yet.
      const atWork = isAtWork(which.run) && isAtWork(one.run())
      while (!atWork && !one.isEnded() && !until.aborted) await one.wake.next(until)
    } finally {
      leave()
    }
    const failed = one.failed()
    if (failed) throw failed
    return one
  }

  /** Asked once for all who are told of the same state of a run. */
  function containersOf(run: TaskRun): Promise<LogContainer[]> {
    const there = containersKept.get(run)
    if (there) return there
    const asked = runContainers(kube, run, archive)
    containersKept.set(run, asked)
    asked.catch(() => containersKept.delete(run))
    return asked
  }

  /** Init containers come first, and sidecars last, where lines have the same time. */
  async function partsOf(run: TaskRun): Promise<string[]> {
    const there = await containersOf(run)
    const named = (kind: LogContainer['kind']) =>
      there.filter((one) => one.kind === kind).map(({ name }) => name)
    return [...named('init'), 'steps', ...named('sidecar')]
  }
}

function whichOf(run: TaskRun, part: string): WhichLog {
  return part === 'steps' ? { run } : { run, container: part }
}

function isAtWork(run: TaskRun): boolean {
  const state = runState(run)
  return state === 'running' || state === 'pending'
}
