import type { AppError } from '#server/platform/model/errors.ts'
import { errorOf, refusalOf } from './request.ts'
import { askSession, noteFailure, whenSignedIn } from './session.ts'

export type Followed = { event: string; data: unknown; id: string }

type Options = {
  /** Names of the events to hear besides `bye` and `failed`. */
  events: readonly string[]
  onEvent: (event: Followed) => void
  /** `false` while the stream is cut; the browser reconnects by itself with Last-Event-ID. */
  onConnected?: (connected: boolean) => void
  /** The server ended the stream for good, or what it was of is not there any more, or not for this reader. */
  onFailed?: (error: AppError) => void
  /** These events are the last: the stream is closed after them. */
  last?: readonly string[]
  signal: AbortSignal
}

/** Spread, so that the readers of a server that stops do not come back all at once. */
const reopenMs = { min: 500, spread: 1500 }

/**
 * One server-sent stream for as long as `signal` lives. EventSource resumes by itself after a cut; where it gives
 * up (a status other than 200, such as a restarting server's 503), it is opened anew, unless the answer is final. Where
 * the session is over, it waits for the next one and goes on from where it stood.
 */
export function followEvents(url: string, options: Options): void {
  const { signal } = options
  if (signal.aborted) return
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastId = ''

  function open() {
    const separator = url.includes('?') ? '&' : '?'
    const from = lastId ? `${separator}lastEventId=${encodeURIComponent(lastId)}` : ''
    const opened = new EventSource(url + from)
    source = opened
    opened.onopen = () => options.onConnected?.(true)
    opened.onerror = () => {
      options.onConnected?.(false)
      if (opened.readyState === EventSource.CLOSED && !signal.aborted) {
        void reopen()
      }
    }
    for (const name of options.events) {
      opened.addEventListener(name, (message) => {
        lastId = message.lastEventId || lastId
        options.onEvent({ event: name, data: JSON.parse(message.data), id: message.lastEventId })
        if (options.last?.includes(name)) opened.close()
      })
    }
    opened.addEventListener('failed', (message) => {
      opened.close()
      const error = errorOf(JSON.parse(message.data))
      if (error.code !== 'unauthenticated') return options.onFailed?.(error)
      noteFailure(error)
      options.onConnected?.(false)
      openWhenSignedIn()
    })
  }

  async function reopen() {
    // What was answered is not told to a page: it may be that nobody is signed in any more, or that there is nothing.
    void askSession()
    const refusal = await refusalOf(url, signal)
    if (signal.aborted) return
    if (refusal) options.onFailed?.(refusal)
    else timer = setTimeout(openWhenSignedIn, reopenMs.min + Math.random() * reopenMs.spread)
  }

  function openWhenSignedIn() {
    whenSignedIn(open, signal)
  }

  open()
  signal.addEventListener('abort', () => {
    clearTimeout(timer)
    source?.close()
  })
}
