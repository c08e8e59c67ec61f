'use client'
import { ArrowDown } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { memo, type RefObject, useEffect, useRef, useState } from 'react'
import { Button } from '#components/ui/button.tsx'

/** What stays free between the end of an answer and that of the window. */
const belowPx = 24
const slackPx = 40

/**
 * Keeps the end of a growing answer in the window while it is there. Whoever scrolls up, by whatever means, or unfolds
 * something, is let go at once; back at the end it is followed again. Nothing is read or moved but after a layout that
 * changed the answer's height, and when somebody scrolls.
 */
export const FollowEnd = memo(function FollowEnd({
  card,
  growing,
  asked,
}: {
  card: RefObject<HTMLElement | null>
  growing: boolean
  /** Whoever reads it has just asked for it: it is followed wherever its end is. */
  asked: boolean
}) {
  const t = useTranslations('playground.answer')
  const [left, setLeft] = useState(false)
  const comeBack = useRef(() => {})
  const [fromAsking] = useState(asked)

  useEffect(() => {
    const element = card.current
    if (!element) return
    const root = document.documentElement
    let following = false
    let lastTop = window.scrollY

    const endPx = () => element.getBoundingClientRect().bottom

    function become(next: boolean) {
      following = next
      // The browser's own anchor is at the top: it would hold that still, and look like somebody who scrolls.
      root.style.overflowAnchor = next ? 'none' : ''
      setLeft(!next)
    }

    function keep() {
      if (!following) return
      const end = endPx()
      const limit = window.innerHeight - belowPx
      // When the thought folds, the end may be above the window.
      if (end > limit || end <= 0) window.scrollBy({ top: end - limit, behavior: 'instant' })
      lastTop = window.scrollY
    }

    function onScroll() {
      const top = window.scrollY
      const up = top < lastTop - 1
      lastTop = top
      // A page that became shorter ends where the window ends: nobody scrolled.
      const clamped = up && top >= root.scrollHeight - window.innerHeight - 1
      if (up && !clamped) return become(false)
      const end = endPx()
      if (end <= 0) become(false)
      else if (end <= window.innerHeight + slackPx) become(true)
    }

    function onClick({ target }: MouseEvent) {
      if (target instanceof Element && target.closest('summary, [aria-expanded]')) become(false)
    }

    become(fromAsking || (endPx() > 0 && endPx() <= window.innerHeight + slackPx))
    keep()
    comeBack.current = () => {
      become(true)
      keep()
    }
    const observer = new ResizeObserver(keep)
    // The question above it grows too, when it is typeset.
    observer.observe(element.closest('li') ?? element)
    window.addEventListener('scroll', onScroll, { passive: true })
    element.addEventListener('click', onClick)
    return () => {
      observer.disconnect()
      window.removeEventListener('scroll', onScroll)
      element.removeEventListener('click', onClick)
      root.style.overflowAnchor = ''
    }
  }, [card, fromAsking])

  if (!left || !growing) return null
  return (
    // In the place of question and answer, so that it is there also where only the question is in the window.
    <div className="sticky bottom-4 z-10 -mt-3 flex h-0 items-end justify-center print:hidden">
      <Button size="small" onClick={() => comeBack.current()} className="shadow-md">
        <ArrowDown size={15} aria-hidden />
        {t('follow')}
      </Button>
    </div>
  )
})
