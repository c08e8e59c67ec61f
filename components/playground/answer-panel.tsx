'use client'
import { useMutation } from '@tanstack/react-query'
import { Square } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useEffect } from 'react'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import type { GenerationView } from '#server/domain/views.ts'
import { AnswerView, answerState } from './answer-view.tsx'
import { stopGeneration } from './mutations.ts'
import { useGeneration } from './use-generation.ts'

/** A generation with the one thing that can be done to it: stop. Escape does it too. */
export function AnswerPanel({ generation }: { generation: GenerationView }) {
  const t = useTranslations('playground')
  const followed = useGeneration(generation.id)
  const stop = useMutation(stopGeneration(generation.id))
  const growing = ['waiting', 'thinking', 'answering'].includes(answerState(followed))
  const { mutate } = stop

  useEffect(() => {
    if (!growing) return
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) mutate()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [growing, mutate])

  return (
    <div className="grid gap-4 rounded-card border border-line bg-surface p-5">
      {growing ? (
        <div className="sticky top-2 z-10 justify-self-end">
          <Button look="danger" busy={stop.isPending} onClick={() => mutate()}>
            <Square size={15} aria-hidden fill="currentColor" />
            {t('stop')}
            <kbd className="text-[0.8rem] text-muted">Esc</kbd>
          </Button>
        </div>
      ) : null}
      {stop.error ? <ErrorNote error={stop.error} /> : null}
      <AnswerView generation={generation} followed={followed} />
    </div>
  )
}
