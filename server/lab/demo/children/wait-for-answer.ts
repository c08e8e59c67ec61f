import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'

const askEveryMs = 150
const patienceMs = 120_000

/** Resolves once the address answers 200; says what the last answer was where it never does. */
export async function waitForAnswer(
  url: string,
  /** Where more can be read of whoever does not answer. */
  logFile: string,
  signal: AbortSignal,
  /** The name that it is asked by, where it answers to that one alone. */
  host?: string,
): Promise<void> {
  // Only whether it is up is asked here, of a certificate authority that is being made just now.
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
  const until = performance.now() + patienceMs
  let last = 'nothing'
  try {
    while (performance.now() < until) {
      signal.throwIfAborted()
      try {
        const answer = await request(url, {
          dispatcher,
          headersTimeout: 5000,
          signal,
          headers: host ? { host } : {},
        })
        last = `${answer.statusCode} ${(await answer.body.text()).slice(0, 600)}`
        if (answer.statusCode === 200) return
      } catch (error) {
        signal.throwIfAborted()
        last = error instanceof Error ? error.message : String(error)
      }
      await delay(askEveryMs, undefined, { signal })
    }
    throw new Error(`${url} did not become ready; it last said: ${last}\n${logFile} says more.`)
  } finally {
    await dispatcher.close()
  }
}
