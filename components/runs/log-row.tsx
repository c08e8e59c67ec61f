import { classes } from '#components/ui/classes.ts'
import { ansiSpans } from './ansi-spans.ts'
import type { NumberedLine } from './log-buffer.ts'

export type RowLook = { wrap: boolean; times: boolean; steps: boolean }

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})

/** One line. Number, time and step are decoration: selecting and copying takes the text alone. */
export function LogRow({
  line,
  look,
  marked,
  found,
  onMark,
  markLabel,
}: {
  line: NumberedLine
  look: RowLook
  marked: boolean
  found: boolean
  onMark: (number: number) => void
  markLabel: string
}) {
  return (
    <div
      className={classes(
        'flex gap-3 px-3 font-mono text-[0.84rem] leading-[1.45rem]',
        marked ? 'bg-accent-soft' : found ? 'bg-warn-soft' : undefined,
      )}
    >
      <a
        href={`#L${line.number}`}
        aria-label={markLabel}
        tabIndex={-1}
        onClick={(event) => {
          event.preventDefault()
          onMark(line.number)
        }}
        className="min-w-[3.2rem] shrink-0 text-right text-muted tabular-nums select-none hover:text-accent"
      >
        {line.number}
      </a>
      {look.times ? (
        <span className="shrink-0 text-muted tabular-nums select-none">
          {clock.format(new Date(line.at))}
        </span>
      ) : null}
      {look.steps ? (
        <span className="hidden w-32 shrink-0 truncate text-muted select-none md:inline">
          {line.step}
        </span>
      ) : null}
      <span
        className={classes(
          'min-h-[1.45rem]',
          look.wrap ? 'min-w-0 break-words whitespace-pre-wrap' : 'whitespace-pre',
        )}
      >
        {ansiSpans(line.text).map((span, index) => (
          <span
            key={index}
            style={{ color: span.color, backgroundColor: span.background }}
            className={classes(
              span.bold && 'font-bold',
              span.dim && 'opacity-70',
              span.italic && 'italic',
              span.underline && 'underline',
            )}
          >
            {span.text}
          </span>
        ))}
      </span>
    </div>
  )
}
