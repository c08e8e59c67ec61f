import { parentPort } from 'node:worker_threads'
import { type LogMatcher, type LogQuery, logMatcher } from '#server/runs/model/search-log.ts'

export type SearchAsk = { query: LogQuery } | { texts: string[] }
export type SearchAnswer =
  | { refused?: string }
  /** By the place of the text among those that were sent. */
  | { hits: { at: number; ranges: [number, number][] }[] }

/** Compiles a query once, then searches what it is sent. */
let matcher: LogMatcher | undefined

function answer(ask: SearchAsk): SearchAnswer {
  if ('query' in ask) {
    try {
      matcher = logMatcher(ask.query)
      return {}
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) }
    }
  }
  const { texts } = ask
  const hits = texts.flatMap((text, at) =>
    matcher?.test(text) ? [{ at, ranges: matcher.ranges(text) }] : [],
  )
  return { hits }
}

parentPort?.on('message', (ask: SearchAsk) => parentPort?.postMessage(answer(ask)))
