import { countPromises } from './count-promises.ts'

const tellMs = 4

type Work = (...given: unknown[]) => void

/**
 * What a program still has to do, as Node counts it: it is over when nothing waits any more. Takes the place of the
 * worker's own timers.
 */
export function createTasks(onIdle: () => void) {
  const timers = {
    setTimeout: globalThis.setTimeout.bind(globalThis),
    clearTimeout: globalThis.clearTimeout.bind(globalThis),
    setInterval: globalThis.setInterval.bind(globalThis),
  }
  const waiting = new Set<number>()
  let open = 0

  /** Promises that can go on have gone on when this comes, and those that failed unheard were told of. */
  function checkIdle(): void {
    timers.setTimeout(() => {
      if (isIdle()) timers.setTimeout(() => isIdle() && onIdle(), tellMs)
    }, 0)
  }
  function isIdle(): boolean {
    return waiting.size === 0 && open === 0
  }
  countPromises(
    () => {
      open += 1
    },
    () => {
      open -= 1
      checkIdle()
    },
  )
  function later(work: Work, ms = 0, ...given: unknown[]): number {
    const id = Number(
      timers.setTimeout(() => {
        waiting.delete(id)
        checkIdle()
        work(...given)
      }, ms),
    )
    waiting.add(id)
    return id
  }
  function every(work: Work, ms = 0, ...given: unknown[]): number {
    const id = Number(timers.setInterval(() => work(...given), ms))
    waiting.add(id)
    return id
  }
  function forget(id: number): void {
    timers.clearTimeout(id)
    if (waiting.delete(id)) checkIdle()
  }

  Object.assign(globalThis, {
    setTimeout: later,
    setInterval: every,
    setImmediate: (work: Work, ...given: unknown[]) => later(work, 0, ...given),
    clearTimeout: forget,
    clearInterval: forget,
    clearImmediate: forget,
  })
  return { later, checkIdle }
}

export type Tasks = ReturnType<typeof createTasks>
