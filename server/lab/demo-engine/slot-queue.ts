import { ApiError } from './api-error.ts'

export type SlotQueue = {
  /** Waits, in order of arrival, for so many slots; the returned function gives them back. */
  acquire(slots: number, signal: AbortSignal): Promise<() => void>
  running(): number
  waiting(): number
}

type Waiter = { slots: number; enter(): void }

/** Bounds how many choices are generated at once. A request larger than everything gets everything. */
export function createSlotQueue(slotsMax: number, waitingMax: number): SlotQueue {
  let taken = 0
  const queue: Waiter[] = []

  const admit = () => {
    for (let next = queue[0]; next && taken + next.slots <= slotsMax; next = queue[0]) {
      queue.shift()
      next.enter()
    }
  }
  const occupy = (slots: number) => {
    taken += slots
    let held = true
    return () => {
      if (held) taken -= slots
      held = false
      admit()
    }
  }

  return {
    acquire(wanted, signal) {
      const slots = Math.min(wanted, slotsMax)
      return new Promise((resolve, reject) => {
        signal.throwIfAborted()
        if (queue.length === 0 && taken + slots <= slotsMax) return resolve(occupy(slots))
        if (queue.length >= waitingMax)
          throw new ApiError(503, 'ServiceUnavailableError', 'Too many requests are waiting.')
        const leave = () => {
          queue.splice(queue.indexOf(waiter), 1)
          reject(signal.reason)
          admit()
        }
        const waiter: Waiter = {
          slots,
          enter() {
            signal.removeEventListener('abort', leave)
            resolve(occupy(slots))
          },
        }
        signal.addEventListener('abort', leave, { once: true })
        queue.push(waiter)
      })
    },
    running: () => taken,
    waiting: () => queue.length,
  }
}
