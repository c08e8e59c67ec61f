import { setTimeout } from 'node:timers/promises'
import type { Log } from '#server/platform/log.ts'
import { openStore } from '#server/processes/open-store.ts'
import type { Store } from '#server/store.ts'

/** For what must go on without the database: it is opened beside them, however long that takes. */
export async function openWhenThere(
  url: string,
  log: Log,
  signal: AbortSignal,
  onOpen: (store: Store) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      return onOpen(await openStore(url, { signal, log }))
    } catch (error) {
      log.warn({ err: error }, 'the store cannot be opened yet')
      await setTimeout(2_000, undefined, { signal }).catch(() => {})
    }
  }
}
