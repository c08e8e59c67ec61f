import { request } from 'undici'
import { within } from '#server/platform/time/within.ts'

/** A probe's `timeoutSeconds` is above `lookWithinMs`; those that come within `keepMs` share one look. */
export const probeTimes = { lookWithinMs: 2500, keepMs: 2000 }

export type ReadyProbe = () => Promise<boolean>

/**
 * Whether a person who came now would be served. Each part is asked as a person's browser would have it asked; all at
 * once, within a bounded time, and at most once in `keepMs`. `onChange` gets the names of the parts that fail.
 */
export function createReadyProbe(
  parts: Record<string, () => Promise<unknown>>,
  onChange: (missing: string[]) => void,
  { lookWithinMs, keepMs } = probeTimes,
): ReadyProbe {
  let last: { untilMs: number; answer: Promise<boolean> } | undefined
  let missingBefore = ''

  async function look(): Promise<boolean> {
    const looked = await Promise.all(
      Object.entries(parts).map(([name, ask]) =>
        within(ask(), lookWithinMs).then(
          () => [],
          () => [name],
        ),
      ),
    )
    const missing = looked.flat()
    if (missing.join() !== missingBefore) onChange(missing)
    missingBefore = missing.join()
    return missing.length === 0
  }

  return () => {
    if (!last || last.untilMs < performance.now()) {
      const answer = look()
      const current = { untilMs: Number.POSITIVE_INFINITY, answer }
      last = current
      void answer.then(() => {
        current.untilMs = performance.now() + keepMs
      })
    }
    return last.answer
  }
}

/** Asks this web itself, by the name that it is known by; anything but a 200 with a body is an error. */
export async function askSelf(address: string, host: string, path: string): Promise<void> {
  const signal = AbortSignal.timeout(probeTimes.lookWithinMs)
  const { statusCode, body } = await request(new URL(path, address), { headers: { host }, signal })
  const text = await body.text()
  if (statusCode !== 200 || text === '') throw new Error(`${path} was answered with ${statusCode}.`)
}
