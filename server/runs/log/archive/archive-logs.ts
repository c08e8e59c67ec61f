import type { Kube } from '#server/platform/kube/kube.ts'
import { keyOf, type SharedWatch, sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import { workQueue } from '#server/platform/kube/watch/work-queue.ts'
import type { Log } from '#server/platform/log.ts'
import { type ChangeSignal, createChangeSignal } from '#server/platform/time/change-signal.ts'
import { followRunSteps } from '#server/runs/log/follow/follow-run-steps.ts'
import { followRunContainer, runContainers } from '#server/runs/log/follow/run-containers.ts'
import type { Redaction } from '#server/runs/log/redaction/redaction.ts'
import { goneRun } from '#server/runs/model/gone-run.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import type { ArchiveMetrics } from './archive-metrics.ts'
import { type ArchiveLimits, archiveRunLog } from './archive-run-log.ts'
import type { RunArchive } from './run-archive.ts'
import { isHistory, runRecord } from './run-record.ts'

export type ArchiveContext = {
  kube: Kube
  log: Log
  now(): Date
  signal: AbortSignal
  servingNamespace: string
  archive: RunArchive
  redaction: Redaction
  limits: ArchiveLimits & { retentionMs: number }
  metrics?: ArchiveMetrics
}

const sweepEveryMs = 3_600_000

/** `parts`: each is copied once while this process leads; `copying` says how many are not done. */
type Kept = { run: TaskRun; wake: ChangeSignal; parts: Set<string>; copying: number }

/**
 * Keeps runs and their logs for longer than the cluster does, from the moment a run starts: when it is cancelled its pod
 * goes, and its log with it. Until the signal aborts and what was read is written.
 */
export async function archiveLogs(ctx: ArchiveContext): Promise<void> {
  const { kube, log, signal, archive, servingNamespace: namespace } = ctx
  const runs = sharedWatch(kube, TaskRun, { namespace, signal })
  const kept = new Map<string, Kept>()
  const copying = new Set<Promise<void>>()

  const queue = workQueue({
    signal,
    concurrency: 4,
    onError: (key, error, attempt) => {
      log.warn({ err: error, key, attempt }, 'a run is not archived yet')
    },
    process: async (key) => {
      if (key === 'sweep') return sweep(ctx, runs)
      const one = kept.get(key)
      if (one) await keep(key, one)
    },
  })

  async function keep(uid: string, one: Kept): Promise<void> {
    const now = current(runs, one.run)
    if (now) one.run = now
    if (!isHistory(one.run)) return
    // Before anything is written: it is read although the database may be away.
    copy(uid, one, 'steps')
    if (now?.status?.podName) {
      for (const { name } of await runContainers(kube, now)) copy(uid, one, name)
    }
    const run = ctx.redaction.object(now ?? goneRun(one.run, ctx.now()))
    await archive.saveRun(runRecord(run, now ? undefined : ctx.now()))
    forgetIfGone(uid, one)
  }

  /** Once per log while this process leads; a log that is complete is left alone. */
  function copy(uid: string, one: Kept, part: string): void {
    if (one.parts.has(part)) return
    one.parts.add(part)
    one.copying += 1
    const watched = {
      current: () => current(runs, one.run),
      last: () => one.run,
      changed: (until: AbortSignal) => one.wake.next(until, 5_000),
    }
    const { redactor } = ctx.redaction
    const done = archiveRunLog({
      archive,
      key: { uid, part },
      open: (from, until) => {
        const options = { kube, watched, redactor, from, signal: until, untilOver: true }
        return part === 'steps' ? followRunSteps(options) : followRunContainer(options, part)
      },
      limits: ctx.limits,
      metrics: ctx.metrics,
      log,
      signal,
    })
    copying.add(done)
    void done.finally(() => {
      copying.delete(done)
      one.copying -= 1
      ctx.metrics?.ended({ uid, part })
      forgetIfGone(uid, one)
    })
  }

  /** Kept while the cluster has it, so that nothing of it is copied twice, and no longer. */
  function forgetIfGone(uid: string, one: Kept): void {
    if (one.copying === 0 && !current(runs, one.run)) kept.delete(uid)
    ctx.metrics?.runs(kept.size)
  }

  function look(run: TaskRun): void {
    const uid = run.metadata.uid ?? ''
    const one = kept.get(uid) ?? { run, wake: createChangeSignal(), parts: new Set(), copying: 0 }
    one.run = run
    kept.set(uid, one)
    ctx.metrics?.runs(kept.size)
    one.wake.notify()
    queue.add(uid)
  }

  runs.subscribe((event) => {
    if (event.type === 'snapshot') {
      for (const run of event.objects) look(run)
      queue.add('sweep')
    } else if (event.type !== 'stale') look(event.object)
  }, signal)
  const timer = setInterval(() => queue.add('sweep'), sweepEveryMs)
  await queue.done
  clearInterval(timer)
  await Promise.all(copying)
}

/** The newest that is known of this very run: one of the same name that came later is another. */
function current(runs: SharedWatch<TaskRun>, run: TaskRun): TaskRun | undefined {
  const now = runs.get(keyOf(run))
  return now?.metadata.uid === run.metadata.uid ? now : undefined
}

/** Runs that went while nobody led, and logs whose time is over. */
async function sweep(ctx: ArchiveContext, runs: SharedWatch<TaskRun>): Promise<void> {
  const { archive, limits, log, servingNamespace } = ctx
  const now = ctx.now()
  for (const record of await archive.listPresentRuns(servingNamespace)) {
    if (current(runs, record.run)) continue
    await archive.saveRun(runRecord(goneRun(record.run, now), now))
  }
  const expired = await archive.expireLogs(new Date(now.getTime() - limits.retentionMs))
  if (expired > 0) log.info({ expired }, 'logs whose time is over were removed')
}
