'use client'
import { useTranslations } from 'next-intl'
import { useRef } from 'react'
import { Button } from '#components/ui/button.tsx'
import { findLoop, type Loop } from '#server/playground/model/find-loop.ts'

const quotedCharsMax = 160

/** Says that the model repeats itself, and offers the two ways out. */
export function LoopNotice({
  text,
  thinking,
  onStop,
  onFinish,
}: {
  /** What it writes at the moment: its thought, or its answer. */
  text: string
  thinking: boolean
  onStop: () => void
  onFinish: () => void
}) {
  const t = useTranslations('reasoning.loop')
  const loop = useLoop(text)
  if (!loop) return null
  const unit = loop.unit.trim().replaceAll(/\s+/g, ' ')
  return (
    <section role="alert" className="grid gap-2 rounded-card bg-warn-soft px-4 py-3 text-warn">
      <p className="font-medium">{t('title', { repeats: loop.repeats })}</p>
      <p className="font-mono text-[0.87rem] break-words">
        {unit.length > quotedCharsMax ? `${unit.slice(0, quotedCharsMax)}…` : unit}
      </p>
      <div className="flex flex-wrap gap-2">
        {thinking ? (
          <Button size="small" onClick={onFinish}>
            {t('finish')}
          </Button>
        ) : null}
        <Button size="small" look="danger" onClick={onStop}>
          {t('stop')}
        </Button>
      </div>
      <p className="text-[0.87rem]">{t('known')}</p>
    </section>
  )
}

const lookEveryChars = 256

/** Looks again after some more text, not at every token. */
function useLoop(text: string): Loop | undefined {
  const looked = useRef<{ chars: number; loop: Loop | undefined }>({ chars: 0, loop: undefined })
  const { chars } = looked.current
  if (text.length < chars || text.length >= chars + lookEveryChars) {
    looked.current = { chars: text.length, loop: findLoop(text) }
  }
  return looked.current.loop
}
