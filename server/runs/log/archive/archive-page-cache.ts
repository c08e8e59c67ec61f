import type { LogRow } from '#server/runs/model/log-entry.ts'
import type { LogKey, RunArchive } from './run-archive.ts'

const pagesMax = 24

/** Pages of archived logs; those read last are kept, so that many readers of one log are told the same page. */
export function createArchivePageCache(archive: RunArchive) {
  const kept = new Map<string, Promise<LogRow[]>>()
  return {
    /** None at the end of what is archived. */
    async read(key: LogKey, row: number): Promise<LogRow[]> {
      const id = `${key.uid} ${key.part} ${row}`
      const page = kept.get(id) ?? archive.readLog(key, row)
      kept.delete(id)
      kept.set(id, page)
      for (const old of kept.keys()) {
        if (kept.size <= pagesMax) break
        kept.delete(old)
      }
      // What is not there yet may come.
      const forget = () => kept.get(id) === page && kept.delete(id)
      page.then((rows) => rows.length === 0 && forget(), forget)
      return page
    },
  }
}

export type ArchivePageCache = ReturnType<typeof createArchivePageCache>
