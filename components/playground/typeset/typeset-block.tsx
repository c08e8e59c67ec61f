'use client'
import 'katex/dist/katex.min.css'
import './typeset.css'
import { useTranslations } from 'next-intl'
import { memo, useEffect, useRef } from 'react'
import { showNear } from './show-near.ts'

/** One block. Far from what is seen it is its source, which costs nothing and is found by the browser's search. */
export const TypesetBlock = memo(function TypesetBlock({
  text,
  index,
}: {
  text: string
  index: number
}) {
  const t = useTranslations('ui')
  const [copy, copied] = [t('copy'), t('copied')]
  const element = useRef<HTMLDivElement>(null)
  const shown = useRef<ReturnType<typeof showNear>>(undefined)

  useEffect(() => {
    if (!element.current) return
    const place = showNear(element.current, { copy, copied })
    shown.current = place
    return () => {
      shown.current = undefined
      place.end()
    }
  }, [copy, copied])
  useEffect(() => shown.current?.show(text), [text])

  return <div ref={element} data-block={index} className="block" />
})
