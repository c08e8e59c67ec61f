'use client'
import 'katex/dist/katex.min.css'
// What is copied of a formula is its source, once, between dollars.
import 'katex/contrib/copy-tex'
import './typeset.css'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { memo, useEffect, useRef, useState } from 'react'
import type { Program } from '#components/playground/code-run/code-runner.ts'
import { programAt } from '#components/playground/code-run/program-at.ts'
import { showNear } from './show-near.ts'

/** Comes with the first program that somebody runs. */
const RunPanel = dynamic(() =>
  import('#components/playground/code-run/run-panel.tsx').then((m) => m.RunPanel),
)

/**
 * One block, and under it the program of it that is run. Far from what is seen a block is its source, which costs
 * nothing and is found by the browser's search.
 */
export const TypesetBlock = memo(function TypesetBlock({
  text,
  index,
}: {
  text: string
  index: number
}) {
  const t = useTranslations('ui')
  const run = useTranslations('run-code')('run')
  const [copy, copied] = [t('copy'), t('copied')]
  const [opened, setOpened] = useState<{ program: Program; time: number }>()
  const element = useRef<HTMLDivElement>(null)
  const shown = useRef<ReturnType<typeof showNear>>(undefined)

  useEffect(() => {
    if (!element.current) return
    const place = showNear(element.current, { copy, copied, run })
    shown.current = place
    return () => {
      shown.current = undefined
      place.end()
    }
  }, [copy, copied, run])
  useEffect(() => shown.current?.show(text), [text])

  useEffect(() => {
    // The buttons stand in typeset HTML, which is not React's.
    const onClick = ({ target }: MouseEvent) => {
      const program = programAt(target)
      if (program) setOpened((before) => ({ program, time: (before?.time ?? 0) + 1 }))
    }
    const { current } = element
    current?.addEventListener('click', onClick)
    return () => current?.removeEventListener('click', onClick)
  }, [])

  return (
    <>
      <div ref={element} data-block={index} className="block" />
      {opened ? (
        <RunPanel
          key={opened.time}
          program={opened.program}
          onClose={() => {
            setOpened(undefined)
            element.current?.querySelector<HTMLElement>('[data-run]')?.focus()
          }}
        />
      ) : null}
    </>
  )
})
