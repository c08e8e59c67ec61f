import { createChangeSignal } from '#server/platform/time/change-signal.ts'
import type { FollowedLog } from '#server/runs/log/follow/shared-log-follower.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { ArchivePageCache } from './archive-page-cache.ts'
import type { ArchivedLog, LogKey } from './run-archive.ts'

/** A log that is whole in the archive: nothing of it is held here. */
export function readArchivedLog(
  run: TaskRun,
  key: LogKey,
  { rows, expired }: ArchivedLog,
  pages: ArchivePageCache,
): FollowedLog {
  let usedMs = performance.now()
  const wake = createChangeSignal()
  return {
    wake,
    isStored: true,
    run: () => run,
    failed: () => undefined,
    released: () => false,
    isEnded: () => true,
    rows: () => rows,
    bytes: () => 0,
    usedMs: () => usedMs,
    async page(row) {
      usedMs = performance.now()
      if (row > rows) return []
      if (expired) return [{ row, rows: rows + 1 - row, step: '', reason: 'expired' }]
      return pages.read(key, row)
    },
    enter: () => () => {},
    caughtUp: async () => true,
  }
}
