import type { Log } from '#server/platform/log.ts'
import type { Store } from '#server/store.ts'

export type Binding = { namespace: string; name: string }

export type DayUse = {
  /** Tokens of the binding since midnight UTC: what the store knows, what was used here since, what runs. */
  used(): number
  /** Of an answer that runs. */
  add(tokens: number): void
  /** The answer is over: what was added for it turns into what it really used. */
  settle(added: number, used: number): { written(): void }
}

const freshMs = 10_000
const firstReadMs = 1_000

type Entry = {
  day: number
  stored: number
  /** Used here and perhaps not in `stored`; of these, `written` are in the store by now. */
  unread: number
  written: number
  live: number
  readAtMs: number
  /** Whether reading was tried to its end: nobody waits for it again. */
  tried: boolean
  reading?: Promise<void>
}

/**
 * The tokens of a day, shared by all gateways through the store. An old number is used while a new one is read; only the
 * first request of a binding, and the first after a pause, waits for it, and not for long: without the store, what was used here is what counts.
 */
export function dayUses(
  store: () => Pick<Store, 'tokensUsedSince'> | undefined,
  log: Log,
  now: () => Date,
): { of(binding: Binding): Promise<DayUse> } {
  const entries = new Map<string, Entry>()

  function entryOf({ namespace, name }: Binding): Entry {
    const key = `${namespace}/${name}`
    const day = dayOf(now())
    const there = entries.get(key)
    if (there?.day === day) return there
    const live = there?.live ?? 0
    const readAtMs = Number.NEGATIVE_INFINITY
    const entry = { day, stored: 0, unread: 0, written: 0, live, readAtMs, tried: false }
    entries.set(key, entry)
    return entry
  }

  async function read(binding: Binding, entry: Entry) {
    const written = entry.written
    entry.readAtMs = performance.now()
    try {
      const stored = await store()?.tokensUsedSince(binding, new Date(entry.day))
      if (stored === undefined) return
      entry.stored = stored
      entry.unread -= written
      entry.written -= written
    } catch (error) {
      log.warn({ err: error, ...binding }, 'the tokens of the day could not be read')
    } finally {
      entry.tried = true
      entry.reading = undefined
    }
  }

  return {
    async of(binding) {
      const entry = entryOf(binding)
      const ageMs = performance.now() - entry.readAtMs
      if (ageMs > freshMs) entry.reading ??= read(binding, entry)
      // While this gateway was idle, others may have used all that was left.
      if (entry.reading && (!entry.tried || ageMs > 2 * freshMs)) {
        await within(entry.reading, firstReadMs)
      }
      return {
        used: () => entry.stored + entry.unread + entry.live,
        add: (tokens) => {
          entryOf(binding).live += tokens
        },
        settle(added, used) {
          const today = entryOf(binding)
          today.live = Math.max(0, today.live - added)
          today.unread += used
          return {
            written: () => {
              today.written += used
            },
          }
        },
      }
    },
  }
}

export function dayOf(date: Date): number {
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
}

function within(promise: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    void promise.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
