import { LRUCache } from 'lru-cache'
import { AppError } from '#server/platform/model/errors.ts'
import type { Store } from '#server/store.ts'

/** What one person may keep in conversations, in all. */
export type StorageLimit = {
  /** Counts what is about to be stored. Throws `quota-exhausted` where it does not fit. */
  take(owner: string, bytes: number): Promise<void>
}

const peopleMax = 2_000
/** Answers that were written meanwhile, and what another process stored, count from the next look on. */
const freshMs = 60_000

export function createStorageLimit(
  store: Pick<Store, 'storedBytesOf'>,
  mebibytes: number,
): StorageLimit {
  const used = new LRUCache<string, number>({
    max: peopleMax,
    ttl: freshMs,
    noUpdateTTL: true,
    fetchMethod: (owner) => store.storedBytesOf(owner),
  })
  const bytesMax = mebibytes * 2 ** 20

  return {
    async take(owner, bytes) {
      let before = (await used.fetch(owner)) ?? 0
      // Where it is full, what was deleted since is looked for.
      if (before + bytes > bytesMax) before = (await used.fetch(owner, { forceRefresh: true })) ?? 0
      if (before + bytes > bytesMax) {
        const text = `Your conversations take ${mebibytes} MiB, as much as one person may keep: delete some.`
        throw new AppError('quota-exhausted', text, {
          key: 'generation.storageFull',
          values: { max: mebibytes },
        })
      }
      used.set(owner, before + bytes)
    },
  }
}
