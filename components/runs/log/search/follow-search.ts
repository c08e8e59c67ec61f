import type { BufferedLine } from '#components/runs/log/log-buffer.ts'
import type { SearchAnswer, SearchAsk } from './search-index.ts'
import type { SearchWish } from './search-pattern.ts'

export type Found = {
  /** Indexes of the lines that match, ascending. */
  lines: readonly number[]
  /** `slow`: the expression took too long and was given up. */
  state: 'looking' | 'done' | 'slow'
}

type Port = Pick<Worker, 'postMessage' | 'terminate'> & {
  onmessage: ((event: MessageEvent<SearchAnswer>) => void) | null
}

export type LogSearch = {
  /** Gives the search what is new of the lines. */
  feed(lines: readonly BufferedLine[]): void
  search(wish: SearchWish): void
  end(): void
}

const linesAtOnce = 4000
const giveUpMs = 3000

/**
 * One search over a growing list, done by a worker that exists from the first question on. Lines are handed over in
 * portions, so that the page never stands still for it; a worker that does not answer is ended.
 */
export function followSearch(
  open: () => Port,
  tell: (found: Found) => void,
  later: (act: () => void, ms: number) => unknown = setTimeout,
): LogSearch {
  let port: Port | undefined
  let source: readonly BufferedLine[] = []
  let sent = 0
  let sending = false
  let seen = 0
  let id = 0
  let found: number[] = []
  let active = false
  let ended = false
  let watching = false

  function ask(message: SearchAsk) {
    port?.postMessage(message)
  }

  function send() {
    if (!port || sending || ended || sent >= source.length) return
    sending = true
    const part = source.slice(sent, sent + linesAtOnce)
    sent += part.length
    ask({ type: 'lines', text: part.map(({ text }) => text).join('\n') })
    later(() => {
      sending = false
      send()
    }, 0)
  }

  function start(): Port {
    const one = open()
    one.onmessage = ({ data }) => {
      if (data.id !== id || !active) return
      seen = data.seen
      if (data.found.length > 0) found = [...found, ...data.found]
      tell({ lines: found, state: seen < source.length ? 'looking' : 'done' })
    }
    return one
  }

  /** As long as something is looked for, in lines that come later too: a worker that stands still is ended. */
  function watch() {
    if (watching || !active || ended || seen >= source.length) return
    watching = true
    const [asked, before] = [id, seen]
    later(() => {
      watching = false
      if (asked === id && seen === before && active && !ended && seen < source.length) giveUp()
      else watch()
    }, giveUpMs)
  }

  function giveUp() {
    port?.terminate()
    port = undefined
    sent = 0
    active = false
    tell({ lines: [], state: 'slow' })
  }

  return {
    feed(lines) {
      if (lines !== source) {
        ask({ type: 'clear' })
        sent = 0
        seen = 0
        found = []
      }
      source = lines
      send()
      watch()
    },
    search(wish) {
      id++
      found = []
      seen = 0
      active = wish.text !== ''
      if (!active) {
        ask({ type: 'search', id, wish })
        return tell({ lines: [], state: 'done' })
      }
      tell({ lines: [], state: 'looking' })
      port ??= start()
      ask({ type: 'search', id, wish })
      send()
      watch()
    },
    end() {
      ended = true
      port?.terminate()
    },
  }
}
