import { type TimeLook, timeLooks } from './line-times.ts'
import { type Level, levels } from './log-level.ts'
import { noSearch, type SearchWish } from './search/search-pattern.ts'

export type LineRange = { from: number; to: number }

/** What of the viewer stands in the address, so that a link shows the same. */
export type LogAddress = {
  search: SearchWish
  onlyMatches: boolean
  levels: Level[]
  json: boolean
  times: TimeLook
  /** The log of one sidecar or init container instead of the steps'. */
  container?: string
  range?: LineRange
}

const names = ['q', 're', 'case', 'word', 'only', 'level', 'json', 'times', 'container'] as const

export function parseLogAddress(query: URLSearchParams, hash: string): LogAddress {
  const has = (name: string) => query.get(name) === '1'
  const asked = query.get('level')?.split(',') ?? []
  const times = timeLooks.find((look) => look === query.get('times'))
  return {
    search: {
      text: query.get('q') ?? noSearch.text,
      regex: has('re'),
      case: has('case'),
      word: has('word'),
    },
    onlyMatches: has('only'),
    levels: levels.filter((level) => asked.includes(level)),
    json: has('json'),
    times: times ?? 'none',
    container: query.get('container') ?? undefined,
    range: parseRange(hash),
  }
}

/** `?q=…&re=1#L3-L7`: what is as it always is stays out; what others put into the query stays in it. */
export function formatLogAddress(address: LogAddress, query: URLSearchParams): string {
  const { search, range } = address
  const next = new URLSearchParams(query)
  for (const name of names) next.delete(name)
  const set = (name: (typeof names)[number], value: string | boolean) => {
    if (value) next.set(name, value === true ? '1' : value)
  }
  set('q', search.text)
  set('re', search.regex)
  set('case', search.case)
  set('word', search.word)
  set('only', address.onlyMatches)
  set('level', address.levels.join(','))
  set('json', address.json)
  if (address.times !== 'none') set('times', address.times)
  set('container', address.container ?? '')
  const text = next.toString()
  return `${text && `?${text}`}${range ? formatRange(range) : ''}`
}

function parseRange(hash: string): LineRange | undefined {
  const match = /^#L([1-9]\d{0,9})(?:-L([1-9]\d{0,9}))?$/.exec(hash)
  if (!match) return undefined
  const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])]
  return { from: Math.min(from, to), to: Math.max(from, to) }
}

function formatRange({ from, to }: LineRange): string {
  return from === to ? `#L${from}` : `#L${from}-L${to}`
}
