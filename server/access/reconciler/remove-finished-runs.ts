import { discardRun } from '#server/access/machine/discard-run.ts'
import { removableRuns } from '#server/access/machine/finished-runs.ts'
import type { ControllerContext } from '#server/access/machine/load-binding-state.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { labels } from '#server/platform/model/names.ts'
import { pause } from '#server/platform/time/backoff.ts'
import type { RunArchive } from '#server/runs/log/archive/run-archive.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'

const everyMs = 3_600_000

/**
 * Removes runs of bindings from the cluster `keptMs` after their end, once their record and whole log are archived, for
 * one term: every hour. Their pods go with them; pages show them from the archive.
 */
export async function removeFinishedRuns(
  ctx: Pick<ControllerContext, 'kube' | 'log' | 'now' | 'signal' | 'servingNamespace'>,
  archive: RunArchive,
  keptMs: number,
): Promise<void> {
  const { log, signal } = ctx
  while (!signal.aborted) {
    try {
      const removed = await removeOnce(ctx, archive, keptMs)
      if (removed > 0) log.info({ removed }, 'finished runs removed')
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'finished runs not removed')
    }
    await pause(everyMs, signal)
  }
}

/** Answers how many were removed. */
export async function removeOnce(
  ctx: Pick<ControllerContext, 'kube' | 'now' | 'signal' | 'servingNamespace'>,
  archive: RunArchive,
  keptMs: number,
): Promise<number> {
  const { kube, signal, servingNamespace: namespace } = ctx
  // Runs first: a binding that is made in between names none of them.
  const runs = await kube.list(TaskRun, { namespace, labelSelector: labels.bindingUid })
  const bindings = await kube.list(ModelBinding)
  const before = new Date(ctx.now().getTime() - keptMs)
  let removed = 0
  for (const run of removableRuns(runs, bindings, before)) {
    if (signal.aborted) return removed
    if (!(await isArchived(archive, run))) continue
    await discardRun(ctx, run)
    removed++
  }
  return removed
}

/** Its record says how it ended, and each part of its log is there to the end. */
async function isArchived(archive: RunArchive, { metadata }: TaskRun): Promise<boolean> {
  const { namespace = '', name, uid = '' } = metadata
  const record = await archive.findRun({ namespace, name })
  if (record?.uid !== uid || !record.finishedAt) return false
  const parts = await archive.listParts(uid)
  const logs = await Promise.all(parts.map((part) => archive.findLog({ uid, part })))
  return logs.length > 0 && logs.every((log) => log?.complete)
}
