import { ChevronDown, ChevronRight } from 'lucide-react'
import { memo } from 'react'
import { lineTime, type TimeLook } from '#components/runs/log/line-times.ts'
import type { BufferedLine } from '#components/runs/log/log-buffer.ts'
import type { Level } from '#components/runs/log/log-level.ts'
import type { Pattern } from '#components/runs/log/search/search-pattern.ts'
import { classes } from '#components/ui/classes.ts'
import { ansiSpans } from './ansi-spans.ts'
import { markSpans } from './mark-spans.ts'

export type RowLook = { wrap: boolean; times: TimeLook; steps: boolean }

export type RowWords = {
  link: (number: number) => string
  fold: (title: string) => string
  json: string
  replaced: string
  more: (count: number) => string
  cut: (bytes: number) => string
}

const edges: Record<Level, string> = {
  error: 'border-bad bg-bad-soft/45',
  warn: 'border-warn',
  info: 'border-transparent',
  debug: 'border-transparent opacity-75',
}

const shownMax = 12_000

/**
 * One line. Number, time and step are decoration: selecting and copying takes the text alone. What a click means stands
 * in `data-act`; the list hears it, so that a row is drawn again only when it looks different.
 */
export const LogRow = memo(function LogRow({
  line,
  row,
  look,
  marked,
  found,
  current,
  pattern,
  shut,
  opened,
  began,
  now,
  words,
}: {
  line: BufferedLine
  row: number
  look: RowLook
  marked: boolean
  found: boolean
  current: boolean
  pattern?: Pattern
  shut: boolean
  opened: boolean
  began?: string
  now: number
  words: RowWords
}) {
  return (
    <div
      data-row={row}
      data-line={line.row}
      aria-current={current || undefined}
      className={classes(
        'flex gap-3 border-l-3 pr-3 pl-2 font-mono text-[0.84rem] leading-[1.45rem]',
        edges[line.level ?? 'info'],
        current ? 'bg-warn-soft' : marked ? 'bg-accent-soft' : undefined,
      )}
    >
      <a
        href={`#L${line.row}`}
        data-act="mark"
        aria-label={words.link(line.row)}
        tabIndex={-1}
        className="min-w-[3.2rem] shrink-0 text-right text-muted tabular-nums select-none hover:text-accent"
      >
        {line.row}
      </a>
      {look.times === 'none' ? null : (
        <span title={line.at} className="shrink-0 text-muted tabular-nums select-none">
          {lineTime(line.at, look.times, now, began)}
        </span>
      )}
      {look.steps ? (
        <span className="hidden w-32 shrink-0 truncate text-muted select-none md:inline">
          {line.attempt ? `${line.step} · ${line.attempt}` : line.step}
        </span>
      ) : null}
      {line.json ? (
        <button
          type="button"
          data-act="open"
          tabIndex={-1}
          aria-expanded={opened}
          aria-label={words.json}
          className="h-[1.45rem] shrink-0 rounded px-1 text-muted select-none hover:bg-raised hover:text-accent"
        >
          {'{}'}
        </button>
      ) : null}
      {line.mark ? (
        <span className="min-w-0 border-y border-warn text-warn select-none">{words.replaced}</span>
      ) : line.fold === 'open' ? (
        <FoldTitle line={line} shut={shut} wrap={look.wrap} words={words} />
      ) : (
        <Text
          line={line}
          wrap={look.wrap}
          pattern={found ? pattern : undefined}
          words={words}
          opened={opened}
        />
      )}
    </div>
  )
})

function FoldTitle({
  line,
  shut,
  wrap,
  words,
}: {
  line: BufferedLine
  shut: boolean
  wrap: boolean
  words: RowWords
}) {
  const title = line.text.slice('::group::'.length) || '…'
  const Icon = shut ? ChevronRight : ChevronDown
  return (
    <button
      type="button"
      data-act="fold"
      aria-expanded={!shut}
      aria-label={words.fold(title)}
      className="inline-flex min-h-[1.45rem] min-w-0 items-center gap-1 text-left font-semibold hover:text-accent"
    >
      <Icon size={14} aria-hidden className="shrink-0" />
      <span className={wrap ? 'min-w-0 [overflow-wrap:anywhere]' : 'whitespace-pre'}>{title}</span>
    </button>
  )
}

function Text({
  line,
  wrap,
  pattern,
  words,
  opened,
}: {
  line: BufferedLine
  wrap: boolean
  pattern?: Pattern
  words: RowWords
  opened: boolean
}) {
  const pretty = opened ? prettyJson(line.text) : undefined
  const whole = pretty ?? line.text
  const spans = ansiSpans(whole.length > shownMax ? whole.slice(0, shownMax) : whole, line.ink)
  const text = spans.map((span) => span.text).join('')
  const ranges = pattern && !pretty ? pattern.ranges(text) : []
  return (
    <span
      className={classes(
        'min-h-[1.45rem]',
        wrap || pretty ? 'min-w-0 [overflow-wrap:anywhere] whitespace-pre-wrap' : 'whitespace-pre',
      )}
    >
      {markSpans(spans, ranges).map((span, index) => (
        <span
          key={index}
          style={{ color: span.color, backgroundColor: span.background }}
          className={classes(
            span.bold && 'font-bold',
            span.dim && 'opacity-70',
            span.italic && 'italic',
            span.underline && 'underline',
            span.strike && 'line-through',
            span.found && 'rounded-xs bg-warn-soft text-ink outline-1 outline-warn',
          )}
        >
          {span.text}
        </span>
      ))}
      {line.cut ? <span className="text-warn select-none"> {words.cut(line.cut)}</span> : null}
      {whole.length > shownMax ? (
        <span className="text-muted select-none"> {words.more(whole.length - shownMax)}</span>
      ) : null}
    </span>
  )
}

function prettyJson(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return undefined
  }
}
