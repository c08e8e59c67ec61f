import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '#server/platform/model/errors.ts'

/**
 * Tries until it gets a value; a string is why not yet. Past the deadline that reason becomes the failure, so that a
 * run says what it was waiting for.
 */
export async function pollUntil<T extends object>(
  options: {
    seconds: number
    signal: AbortSignal
    onReason: (reason: string) => void
    pauseMaxMs?: number
  },
  attempt: () => Promise<T | string>,
): Promise<T> {
  const deadline = performance.now() + options.seconds * 1000
  const { pauseMaxMs = 2000 } = options
  for (let waitMs = Math.min(200, pauseMaxMs); ; waitMs = Math.min(waitMs * 1.5, pauseMaxMs)) {
    const result = await attempt()
    if (typeof result !== 'string') return result
    options.onReason(result)
    if (options.signal.aborted) throw new AppError('timeout', 'The step was asked to stop.')
    if (performance.now() + waitMs > deadline) {
      throw new AppError('timeout', `Gave up after ${options.seconds} seconds: ${result}`)
    }
    await pause(waitMs, undefined, { signal: options.signal }).catch(() => {})
  }
}
