'use client'
import { useTranslations } from 'next-intl'
import { memo, useLayoutEffect, useRef } from 'react'
import type { OutputBlock } from './run-state.ts'

const nearPx = 24

/** What a program wrote, in order; its end is kept in sight unless its reader scrolled up. */
export function RunOutput({ output }: { output: readonly OutputBlock[] }) {
  const t = useTranslations('run-code')
  const box = useRef<HTMLElement>(null)
  const isAtEnd = useRef(true)

  useLayoutEffect(() => {
    if (output.length > 0 && box.current && isAtEnd.current) {
      box.current.scrollTop = box.current.scrollHeight
    }
  }, [output])

  return (
    <section
      ref={box}
      aria-label={t('output')}
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < nearPx
      }}
      className="max-h-96 overflow-y-auto rounded-lg border border-line bg-log px-3 py-2 font-mono text-[0.87rem] break-words whitespace-pre-wrap print:max-h-none"
    >
      {output.map((block) => (
        <Block key={block.at} block={block} />
      ))}
    </section>
  )
}

const Block = memo(function Block({ block: { pieces } }: { block: OutputBlock }) {
  const t = useTranslations('run-code')
  return (
    <div className="[contain-intrinsic-block-size:auto_20rem] [content-visibility:auto]">
      {pieces.map(({ stream, text, at }) =>
        stream === 'out' ? (
          <span key={at}>{text}</span>
        ) : (
          <span key={at} data-stream="err" title={t('stderr')} className="bg-bad-soft text-bad">
            {text}
          </span>
        ),
      )}
    </div>
  )
})
