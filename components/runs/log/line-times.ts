export const timeLooks = ['none', 'local', 'utc', 'ago', 'since'] as const
/** How the time of a line is shown: `ago` before now, `since` after its step began. */
export type TimeLook = (typeof timeLooks)[number]

const local = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})

/** The time of a line, always of the same width. `began`: when its step did. */
export function lineTime(at: string, look: TimeLook, now: number, began?: string): string {
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) return ''
  if (look === 'utc') return new Date(ms).toISOString().slice(11, 23)
  if (look === 'local') return local.format(ms)
  if (look === 'ago') return `-${clock(now - ms)}`
  return `+${clock(ms - Date.parse(began ?? at))}`
}

/** `0:00:07.250`; a negative distance, from clocks that differ, is none. */
function clock(distanceMs: number): string {
  const ms = Math.max(0, Math.round(distanceMs))
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.floor(ms / 60_000)
  const seconds = two(Math.floor(ms / 1000) % 60)
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${seconds}.${String(ms % 1000).padStart(3, '0')}`
}
