'use client'
import { ArrowDown } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type MouseEvent, type Ref, useImperativeHandle, useMemo, useRef, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'
import type { LineRange } from './log-address.ts'
import type { BufferedLine } from './log-buffer.ts'
import { LogRow, type RowLook, type RowWords } from './rows/log-row.tsx'
import { useRowWindow } from './rows/use-row-window.ts'
import type { VisibleRows } from './rows/visible-rows.ts'
import type { Pattern } from './search/search-pattern.ts'

export type LogLinesHandle = {
  scrollTo(row: number): void
  /** Brings the log itself into the window. */
  reveal(): void
}

/** Only the lines in view are in the page, however many there are. */
export function LogLines({
  lines,
  rows,
  layout,
  look,
  follow,
  onFollow,
  onResume,
  range,
  onMark,
  found,
  current,
  pattern,
  shut,
  onFold,
  began,
  now,
  ended,
  label,
  ref,
}: {
  lines: readonly BufferedLine[]
  rows: VisibleRows
  layout: unknown
  look: RowLook
  follow: boolean
  onFollow: (follow: boolean) => void
  /** Back to the end of the log. */
  onResume: () => void
  range?: LineRange
  onMark: (number: number, extend: boolean) => void
  found: ReadonlySet<number>
  /** The row that a search stands at. */
  current?: number
  pattern?: Pattern
  shut: ReadonlySet<number>
  onFold: (number: number) => void
  began: Readonly<Record<string, string | undefined>>
  now: number
  /** Nothing more will come. */
  ended: boolean
  label: string
  ref: Ref<LogLinesHandle>
}) {
  const t = useTranslations('runs.log')
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set())
  const leftAt = useRef(0)
  const { wrap, steps } = look
  const timed = look.times !== 'none'
  const ground = useMemo(() => ({ layout, wrap, timed, steps }), [layout, wrap, timed, steps])
  const window = useRowWindow({
    count: rows.count,
    layout: ground,
    measured: look.wrap || opened.size > 0,
    follow,
    onFollow: (on) => {
      if (!on) leftAt.current = lines.length
      onFollow(on)
    },
  })
  useImperativeHandle(ref, () => ({
    scrollTo: window.scrollTo,
    reveal: () => window.box.current?.scrollIntoView({ block: 'nearest' }),
  }))
  const words = useMemo<RowWords>(
    () => ({
      link: (number) => t('link', { number }),
      fold: (title) => t('fold', { title }),
      json: t('json.open'),
      replaced: t('gap.pod-replaced'),
      more: (count) => t('moreChars', { count }),
      cut: (bytes) => t('cutBytes', { bytes }),
    }),
    [t],
  )

  function onClick(event: MouseEvent) {
    const target = event.target instanceof Element ? event.target : undefined
    const act = target?.closest<HTMLElement>('[data-act]')?.dataset.act
    const number = Number(target?.closest<HTMLElement>('[data-line]')?.dataset.line)
    if (!act || !number) return
    event.preventDefault()
    if (act === 'mark') onMark(number, event.shiftKey)
    else if (act === 'fold') onFold(number)
    else setOpened((now) => toggled(now, number))
  }

  const unseen = Math.max(0, lines.length - leftAt.current)
  return (
    <div className="relative">
      <section
        ref={window.box}
        role="log"
        aria-label={label}
        aria-live="off"
        tabIndex={0}
        onScroll={window.onScroll}
        onWheel={window.onTouch}
        onPointerDown={window.onTouch}
        onKeyDown={window.onTouch}
        onClick={onClick}
        className={classes(
          // Neither scrollbar comes and goes with the rows: what they measure would depend on where they stand.
          'overflow-y-scroll py-2 [overflow-anchor:none] [scrollbar-gutter:stable]',
          look.wrap ? 'overflow-x-hidden' : 'overflow-x-scroll',
          ended && lines.length === 0 ? 'h-12' : 'h-[min(60vh,44rem)]',
        )}
      >
        <div
          style={{ height: window.totalPx }}
          className={classes('relative overflow-y-clip', !look.wrap && 'w-max min-w-full')}
        >
          <div
            style={{ transform: `translateY(${window.topPx}px)` }}
            className={look.wrap ? 'absolute inset-x-0 top-0' : 'absolute top-0 left-0 min-w-full'}
          >
            {Array.from({ length: Math.max(0, window.to - window.from) }, (_, i) => {
              const row = window.from + i
              const index = rows.indexAt(row)
              const line = lines[index]
              if (!line) return null
              return (
                <LogRow
                  key={line.row}
                  line={line}
                  row={row}
                  look={look}
                  marked={range !== undefined && range.from <= line.row && line.row <= range.to}
                  found={found.has(index)}
                  current={line.row === current}
                  pattern={pattern}
                  shut={line.fold === 'open' && shut.has(line.row)}
                  opened={opened.has(line.row)}
                  began={began[line.step]}
                  now={look.times === 'ago' ? now : 0}
                  words={words}
                />
              )
            })}
          </div>
        </div>
      </section>
      {!follow && lines.length > 0 ? (
        <div className="absolute right-4 bottom-3">
          <Button size="small" onClick={onResume} className="shadow-md">
            <ArrowDown size={15} aria-hidden />
            {ended
              ? t('toEnd')
              : leftAt.current > 0 && unseen > 0
                ? t('resumeNew', { count: unseen })
                : t('resume')}
          </Button>
        </div>
      ) : null}
    </div>
  )
}

function toggled(set: ReadonlySet<number>, value: number): ReadonlySet<number> {
  const next = new Set(set)
  if (!next.delete(value)) next.add(value)
  return next
}
