'use client'
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
import { createRowHeights, type RowHeights } from './row-heights.ts'

const overscanRows = 16
const endSlackPx = 40
/** Of a row, in root font sizes; the same as its leading. */
const rowRem = 1.45

export type RowWindow = {
  box: RefObject<HTMLElement | null>
  from: number
  to: number
  topPx: number
  totalPx: number
  rowsInView: number
  onScroll(): void
  /** The reader took hold of the page: nothing is aimed at any more. */
  onTouch(): void
  scrollTo(row: number): void
}

/**
 * Which rows of a list are in view, with rows of any height and in any number. Rows are measured once they are there;
 * what is looked at stays where it is when something above it turns out higher.
 */
export function useRowWindow({
  count,
  layout,
  measured,
  follow,
  onFollow,
}: {
  count: number
  /** Another object when heights that were measured mean nothing any more. */
  layout: unknown
  /** Rows may be higher than one line. */
  measured: boolean
  follow: boolean
  onFollow: (follow: boolean) => void
}): RowWindow {
  const box = useRef<HTMLElement>(null)
  const [heights] = useState<RowHeights>(() => createRowHeights(rowRem * 15))
  const laidOut = useRef<{ layout: unknown; width: number }>(undefined)
  const aim = useRef<number>(undefined)
  const lastTop = useRef(0)
  /** The render under way was requested by the effect below, not from outside. */
  const correcting = useRef(false)
  const [view, setView] = useState({ top: 0, height: 600, width: 0 })
  const viewed = useRef(view)
  const [, redraw] = useState(0)

  const was = laidOut.current
  if (!was || was.layout !== layout || was.width !== view.width) {
    // A row of another layout is another line.
    if (was?.layout !== layout) aim.current = undefined
    laidOut.current = { layout, width: view.width }
    heights.reset(rowPx())
  }
  heights.resize(count)

  const look = useCallback((next: { top: number; height?: number; width?: number }): boolean => {
    const now = viewed.current
    const { top, height = now.height, width = now.width } = next
    if (Math.abs(now.top - top) < 1 && now.height === height && now.width === width) return false
    viewed.current = { top, height, width }
    setView(viewed.current)
    return true
  }, [])

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    // The outer size is the page's to set: what the rows do to the scrollbars cannot change it.
    const measureBox = () => {
      const { scrollTop, offsetHeight, offsetWidth } = element
      look({ top: scrollTop, height: offsetHeight, width: offsetWidth })
    }
    measureBox()
    const observer = new ResizeObserver(measureBox)
    observer.observe(element, { box: 'border-box' })
    return () => observer.disconnect()
  }, [look])

  const from = Math.max(0, heights.rowAt(view.top) - overscanRows)
  const to = Math.min(count, heights.rowAt(view.top + view.height) + 1 + overscanRows)

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const corrects = correcting.current
    correcting.current = false
    const anchor = heights.rowAt(element.scrollTop)
    const within = element.scrollTop - heights.topOf(anchor)
    const before = heights.totalPx()
    // A correction measures only rows that it brought into the page, and only such rows cause another one: there are at
    // most as many in a row as there are rows, whatever the layout answers.
    if (measured) measure(element, heights, corrects)
    const grew = heights.totalPx() !== before
    if (follow) element.scrollTop = element.scrollHeight
    else if (aim.current !== undefined) centre(element, heights, aim.current)
    else if (grew) element.scrollTop = heights.topOf(anchor) + within
    if (corrects && !grew) return
    correcting.current = look({ top: element.scrollTop }) || grew
    if (grew) redraw((turn) => turn + 1)
  })

  return {
    box,
    from,
    to,
    topPx: heights.topOf(from),
    totalPx: heights.totalPx(),
    rowsInView: Math.max(1, Math.floor(view.height / rowPx()) - 2),
    onTouch: () => {
      aim.current = undefined
    },
    onScroll: () => {
      const element = box.current
      if (!element) return
      const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < endSlackPx
      const upwards = element.scrollTop < lastTop.current - 2
      lastTop.current = element.scrollTop
      if (follow && upwards && !atEnd) onFollow(false)
      else if (!follow && atEnd && !upwards && aim.current === undefined) onFollow(true)
      look({ top: element.scrollTop })
    },
    scrollTo: (row) => {
      aim.current = row
      if (!box.current) return
      centre(box.current, heights, row)
      look({ top: box.current.scrollTop })
    },
  }
}

function rowPx(): number {
  if (typeof document === 'undefined') return rowRem * 15
  return rowRem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
}

function measure(element: HTMLElement, heights: RowHeights, newOnly: boolean) {
  for (const row of element.querySelectorAll<HTMLElement>('[data-row]')) {
    const index = Number(row.dataset.row)
    if (newOnly && heights.isMeasured(index)) continue
    heights.set(index, row.getBoundingClientRect().height)
  }
}

function centre(element: HTMLElement, heights: RowHeights, row: number) {
  const middle = heights.topOf(row) + heights.heightOf(row) / 2
  element.scrollTop = Math.max(0, middle - element.clientHeight / 2)
}
