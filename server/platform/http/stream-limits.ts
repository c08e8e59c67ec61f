import { AppError } from '#server/platform/model/errors.ts'

/** Takes a place for a person; what comes back gives it free. Throws `quota-exhausted` or `unavailable` where none is left. */
export type AcquireStream = (user: string) => () => void

const comeAgainSeconds = 5

export type StreamLimits = {
  perPerson: number
  inAll: number
  /** In the message files, below `errors`: the person has too many, the process has. */
  keys: { tooMany: string; full: string }
}

/** How many streams are open in this process, of one person and of all: each costs memory and a descriptor. */
export function createStreamLimits({ perPerson, inAll, keys }: StreamLimits): AcquireStream {
  const taken = new Map<string, number>()
  let all = 0

  return (user) => {
    const here = taken.get(user) ?? 0
    if (here >= perPerson) {
      const message = `At most ${perPerson} of these are open at once for one person: close some.`
      throw new AppError('quota-exhausted', message, {
        key: keys.tooMany,
        values: { max: perPerson },
        retryAfterSeconds: comeAgainSeconds,
      })
    }
    if (all >= inAll) {
      const message = `This server has ${inAll} of these open, its limit. Try again.`
      throw new AppError('unavailable', message, {
        key: keys.full,
        values: { max: inAll },
        retryAfterSeconds: comeAgainSeconds,
      })
    }
    taken.set(user, here + 1)
    all++
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      all--
      const left = (taken.get(user) ?? 0) - 1
      if (left > 0) taken.set(user, left)
      else taken.delete(user)
    }
  }
}
