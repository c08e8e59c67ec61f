import { AppError } from '#server/platform/model/errors.ts'
import type { Store } from '#server/store.ts'
import type { RunArchive } from './run-archive.ts'

/** The archive of a store that opens later: until then each call is `unavailable`. */
export function archiveWhenThere(store: () => Store | undefined): RunArchive {
  async function archive(): Promise<RunArchive> {
    const there = store()
    if (there) return there.archive
    throw new AppError('unavailable', 'The database does not answer.')
  }

  return {
    saveRun: async (record) => (await archive()).saveRun(record),
    findRun: async (ref) => (await archive()).findRun(ref),
    listGoneRuns: async (...asked) => (await archive()).listGoneRuns(...asked),
    listPresentRuns: async (namespace) => (await archive()).listPresentRuns(namespace),
    findLog: async (key) => (await archive()).findLog(key),
    listParts: async (uid) => (await archive()).listParts(uid),
    appendLog: async (key, append) => (await archive()).appendLog(key, append),
    readLog: async (key, from) => (await archive()).readLog(key, from),
    expireLogs: async (before) => (await archive()).expireLogs(before),
  }
}
