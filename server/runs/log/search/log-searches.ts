import { AppError } from '#server/platform/model/errors.ts'
import type { ReadableLog } from '#server/runs/log/follow/shared-log-follower.ts'
import type { LogSearch, LogSearchView } from '#server/runs/views/run-log-views.ts'
import { searchLog } from './search-log-rows.ts'

const atOnce = 2
const perPersonMax = 2

/** Searches of logs that run at once, in this process and for each person; the others wait for their turn. */
export type LogSearches = {
  /** Throws `quota-exhausted` where a person has as many as they may, running or waiting. */
  search(
    user: string,
    signal: AbortSignal,
    search: LogSearch,
    read: () => Promise<ReadableLog>,
  ): Promise<LogSearchView>
}

/** One for each process: made by its main, as Next's own copy of a module does not find the thread's file. */
export function createLogSearches(): LogSearches {
  const byPerson = new Map<string, number>()
  const waiting = new Set<() => void>()
  let running = 0

  function turn(signal: AbortSignal): Promise<void> {
    if (running < atOnce) {
      running++
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(enter)
        reject(signal.reason)
      }
      const enter = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      if (signal.aborted) return reject(signal.reason)
      waiting.add(enter)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  function next() {
    const [enter] = waiting
    if (!enter) return void running--
    waiting.delete(enter)
    enter()
  }

  return {
    async search(user, signal, search, read) {
      const here = byPerson.get(user) ?? 0
      if (here >= perPersonMax) {
        const message = `At most ${perPersonMax} searches of one person run at once.`
        const details = { key: 'tooManySearches', values: { max: perPersonMax } }
        throw new AppError('quota-exhausted', message, { ...details, retryAfterSeconds: 2 })
      }
      byPerson.set(user, here + 1)
      try {
        await turn(signal)
        try {
          return await searchLog(await read(), search, signal)
        } finally {
          next()
        }
      } finally {
        const left = (byPerson.get(user) ?? 1) - 1
        if (left > 0) byPerson.set(user, left)
        else byPerson.delete(user)
      }
    },
  }
}
