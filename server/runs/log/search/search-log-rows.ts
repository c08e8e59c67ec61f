import { openThread, ThreadGone } from '#server/platform/threads/open-thread.ts'
import type { ReadableLog } from '#server/runs/log/follow/shared-log-follower.ts'
import { pagesOf } from '#server/runs/log/follow/write-log-file.ts'
import { isGap, logLineOf } from '#server/runs/model/log-entry.ts'
import { badRegex } from '#server/runs/model/search-log.ts'
import type { LogLine } from '#server/runs/views/run.ts'
import {
  type LogMatch,
  type LogSearch,
  type LogSearchView,
  matchingRowsMax,
} from '#server/runs/views/run-log-views.ts'
import type { SearchAnswer, SearchAsk } from './log-search-thread.ts'

const searchMs = 10_000
const memoryMaxMb = 256
/** Until a thread is there and knows what to look for. */
const startMs = 10_000

/** In a thread of its own, which ends with the search: an expression delays only the person who wrote it. */
export async function searchLog(
  log: ReadableLog,
  search: LogSearch,
  signal: AbortSignal,
  withinMs = searchMs,
): Promise<LogSearchView> {
  const startedMs = performance.now()
  const source = new URL('./log-search-thread.ts', import.meta.url)
  const thread = openThread<SearchAsk, SearchAnswer>('log-search-thread', source, memoryMaxMb)
  const ask = (message: SearchAsk) => {
    const leftMs = Math.max(0, startedMs + Math.max(withinMs, startMs) - performance.now())
    return thread.ask(message, { withinMs: leftMs, signal })
  }
  try {
    const { q, regex, word } = search
    const compiled = await ask({ query: { q, regex, word, case: search.case } })
    if ('refused' in compiled && compiled.refused) throw badRegex(compiled.refused)
    return await searchPages(log, search, signal, startedMs + withinMs, ask)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ThreadGone) throw badRegex('it takes too long.')
    throw error
  } finally {
    thread.end()
  }
}

async function searchPages(
  log: ReadableLog,
  search: LogSearch,
  signal: AbortSignal,
  untilMs: number,
  ask: (message: SearchAsk) => Promise<SearchAnswer>,
): Promise<LogSearchView> {
  const view: LogSearchView = {
    rows: log.rows(),
    ended: log.isEnded(),
    count: 0,
    matching: [],
    matchingBefore: 0,
    matches: [],
  }
  let before: LogLine[] = []
  let open: LogMatch[] = []
  for await (const page of pagesOf(log, signal)) {
    const answer = await ask({ texts: page.map((row) => (isGap(row) ? '' : row.text)) }).catch(
      (error) => {
        if (!(error instanceof ThreadGone) || page[0] === undefined || page[0].row === 1)
          throw error
        return undefined
      },
    )
    if (!answer) return { ...view, stoppedAt: page[0]?.row ?? 1 }
    const hits = new Map('hits' in answer ? answer.hits.map(({ at, ranges }) => [at, ranges]) : [])
    for (const [at, row] of page.entries()) {
      if (isGap(row) || (search.step && row.step !== search.step)) continue
      const line = search.context > 0 ? logLineOf(row) : undefined
      if (line) {
        for (const match of open) match.after.push(line)
        open = open.filter((match) => match.after.length < search.context)
      }
      const ranges = hits.get(at)
      if (ranges) {
        view.count++
        noteMatch(view, row.row, search.around)
        if (row.row >= search.from && view.matches.length < search.limit) {
          const match = { ...logLineOf(row), ranges, before, after: [] }
          view.matches.push(match)
          if (line) open.push(match)
        }
      }
      if (line) before = [...before, line].slice(-search.context)
    }
    const last = page.at(-1)
    if (last && performance.now() > untilMs) return { ...view, stoppedAt: last.row + 1 }
  }
  return view
}

/** Of those before `around` the last ones stay, of those after it the first. */
function noteMatch(view: LogSearchView, row: number, around: number): void {
  const { matching } = view
  if (matching.length < matchingRowsMax) matching.push(row)
  const isFull = matching.length === matchingRowsMax
  if (!isFull || row >= around) return
  view.matchingBefore += matchingRowsMax / 2
  matching.splice(0, matchingRowsMax / 2)
}
