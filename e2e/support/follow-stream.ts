import { setTimeout } from 'node:timers/promises'
import { createParser, type EventSourceMessage } from 'eventsource-parser'

export type Followed = {
  /** All that came, over all connections, in its order. */
  events: EventSourceMessage[]
  /** How often it had to come back. */
  reconnects(): number
  /** Resolves behind the event that ends it, or when it is left. */
  ended: Promise<void>
  leave(): void
}

const retryMs = 100

/**
 * Reads an event stream as a browser does: whatever happens on the way, it comes back and goes on after the last id. At
 * `first` it is opened, at `later` opened again.
 */
export function followStream(path: string, cookie: string, first: string, later: string): Followed {
  const leaving = new AbortController()
  const { signal } = leaving
  const events: EventSourceMessage[] = []
  let lastId = ''
  let connections = 0

  async function readOnce(): Promise<boolean> {
    let over = false
    const parser = createParser({
      onEvent: (event) => {
        if (event.event === 'bye') return
        lastId = event.id ?? lastId
        events.push(event)
        over ||= event.event === 'end'
      },
    })
    const headers = { cookie, ...(lastId ? { 'last-event-id': lastId } : {}) }
    const url = `${connections === 0 ? first : later}/api${path}`
    const answer = await fetch(url, { headers, signal })
    if (answer.status >= 500) return false
    if (!answer.ok || !answer.body) throw new Error(`${url} answered ${answer.status}`)
    connections++
    const decoder = new TextDecoder()
    for await (const chunk of answer.body) parser.feed(decoder.decode(chunk, { stream: true }))
    return over
  }

  async function read() {
    while (!signal.aborted) {
      // A connection that breaks, in the middle of an event too, is what this is about.
      const over = await readOnce().catch((error) => {
        if (error instanceof TypeError || signal.aborted) return false
        throw error
      })
      if (over) return
      await setTimeout(retryMs, undefined, { signal }).catch(() => {})
    }
  }

  const ended = read()
  ended.catch(() => {})
  return {
    events,
    reconnects: () => Math.max(0, connections - 1),
    ended,
    leave: () => leaving.abort(),
  }
}
