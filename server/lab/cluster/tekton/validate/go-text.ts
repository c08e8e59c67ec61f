const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Go's `%q`: the text in double quotes, as error messages of Go programs carry it. */
export function goQuote(text: string): string {
  return JSON.stringify(text).replace(/\\u([0-9a-f]{4})/g, (_, hex: string) =>
    hex.startsWith('00') ? `\\x${hex.slice(2)}` : `\\u${hex}`,
  )
}

/** Go's `%v` of a string slice: `[a b]`. */
export function goList(items: string[]): string {
  return `[${items.join(' ')}]`
}

/** Go's `%v` of a map of string slices, keys sorted: `map[a:[x y] b:[z]]`. */
export function goMapOfLists(map: Record<string, string[]>): string {
  const entries = Object.keys(map)
    .sort()
    .map((key) => `${key}:${goList(map[key] ?? [])}`)
  return `map[${entries.join(' ')}]`
}

/** Milliseconds of a Go duration (`1h30m`, `1.5s`, `0`); throws with the message of Go's time.ParseDuration. */
export function parseGoDuration(text: string): number {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? []
  if (rest === '0') return 0
  if (rest === '') throw new Error(`time: invalid duration ${goQuote(text)}`)
  let ms = 0
  let left = rest
  while (left !== '') {
    const [found, number = '', unit = ''] = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(left) ?? []
    if (found === undefined) throw new Error(`time: invalid duration ${goQuote(text)}`)
    if (unit === '') throw new Error(`time: missing unit in duration ${goQuote(text)}`)
    const factor = unitMs[unit]
    if (factor === undefined)
      throw new Error(`time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`)
    ms += Number(number) * factor
    left = left.slice(found.length)
  }
  return sign === '-' ? -ms : ms
}

/** How Go prints a duration: `1h0m0s`, `1m30s`, `1.5s`, `200ms`, `0s`. */
export function formatGoDuration(ms: number): string {
  if (ms === 0) return '0s'
  const sign = ms < 0 ? '-' : ''
  const size = Math.abs(ms)
  if (size < 1) return `${sign}${trimmed(size * 1000)}µs`
  if (size < 1000) return `${sign}${trimmed(size)}ms`
  const hours = Math.floor(size / 3_600_000)
  const minutes = Math.floor(size / 60_000) % 60
  const seconds = trimmed((size % 60_000) / 1000)
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`
}

function trimmed(value: number): string {
  return String(Number(value.toFixed(9)))
}
