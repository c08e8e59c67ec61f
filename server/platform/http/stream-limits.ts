import { AppError } from '#server/platform/model/errors.ts'

/** Takes a place for a person; what comes back gives it free. Throws `quota-exhausted` where they have all they may. */
export type AcquireStream = (user: string) => () => void

const comeAgainSeconds = 5

/** How many streams a person holds open in this process: each costs memory, and one alone could take all of it. */
export function createStreamLimits(max: number): AcquireStream {
  const taken = new Map<string, number>()

  return (user) => {
    const here = taken.get(user) ?? 0
    if (here >= max) {
      const message = `At most ${max} streams of one person are open at once.`
      const retryAfterSeconds = comeAgainSeconds
      const details = { key: 'tooManyStreams', values: { max }, retryAfterSeconds }
      throw new AppError('quota-exhausted', message, details)
    }
    taken.set(user, here + 1)
    return () => {
      const left = (taken.get(user) ?? 0) - 1
      if (left > 0) taken.set(user, left)
      else taken.delete(user)
    }
  }
}
