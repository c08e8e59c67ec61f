'use client'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react'
import { Button } from '#components/ui/button.tsx'
import type { NumberedLine } from './log-buffer.ts'
import { LogRow, type RowLook } from './log-row.tsx'

export type LogLinesHandle = { scrollTo(index: number): void }

const rowHeightPx = 23
const endSlackPx = 40

/** Only the lines in view are in the page, however many there are. */
export function LogLines({
  lines,
  version,
  look,
  follow,
  onFollow,
  marked,
  onMark,
  found,
  label,
  ref,
}: {
  lines: readonly NumberedLine[]
  version: number
  look: RowLook
  follow: boolean
  onFollow: (follow: boolean) => void
  marked?: number
  onMark: (number: number) => void
  found: ReadonlySet<number>
  label: string
  ref: Ref<LogLinesHandle>
}) {
  const t = useTranslations('runs.log')
  const box = useRef<HTMLElement>(null)
  const lastTop = useRef(0)
  const leftAt = useRef(0)
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeightPx,
    getItemKey: (index) => lines[index]?.number ?? index,
    overscan: 20,
  })

  useImperativeHandle(ref, () => ({
    scrollTo: (index) => rows.scrollToIndex(index, { align: 'center' }),
  }))
  useEffect(() => {
    if (follow && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [follow, version, lines.length])

  function onScroll() {
    const element = box.current
    if (!element) return
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < endSlackPx
    const upwards = element.scrollTop < lastTop.current - 2
    lastTop.current = element.scrollTop
    if (follow && upwards && !atEnd) {
      leftAt.current = lines.length
      onFollow(false)
    } else if (!follow && atEnd && !upwards) {
      onFollow(true)
    }
  }

  const unseen = Math.max(0, lines.length - leftAt.current)
  return (
    <div className="relative">
      <section
        ref={box}
        role="log"
        aria-label={label}
        aria-live="off"
        tabIndex={0}
        onScroll={onScroll}
        className="h-[min(60vh,44rem)] overflow-auto py-2"
      >
        <div
          style={{ height: rows.getTotalSize() }}
          className={look.wrap ? 'relative' : 'relative w-max min-w-full'}
        >
          {rows.getVirtualItems().map((row) => {
            const line = lines[row.index]
            if (!line) return null
            return (
              <div
                key={row.key}
                data-index={row.index}
                ref={rows.measureElement}
                style={{ transform: `translateY(${row.start}px)` }}
                className={look.wrap ? 'absolute inset-x-0 top-0' : 'absolute top-0 left-0'}
              >
                <LogRow
                  line={line}
                  look={look}
                  marked={line.number === marked}
                  found={found.has(row.index)}
                  onMark={onMark}
                  markLabel={t('link', { number: line.number })}
                />
              </div>
            )
          })}
        </div>
      </section>
      {!follow && lines.length > 0 ? (
        <div className="absolute right-4 bottom-3">
          <Button size="small" onClick={() => onFollow(true)} className="shadow-md">
            <ArrowDown size={15} aria-hidden />
            {leftAt.current > 0 && unseen > 0 ? t('resumeNew', { count: unseen }) : t('resume')}
          </Button>
        </div>
      ) : null}
    </div>
  )
}
