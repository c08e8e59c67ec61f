'use client'
import { ListTree } from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import { memo, useRef, useState } from 'react'
import { TypesetBlocks } from '#components/playground/typeset/typeset.tsx'
import { useBlocks } from '#components/playground/typeset/use-blocks.ts'
import { Button } from '#components/ui/button.tsx'
import { ReasoningOutline } from './reasoning-outline.tsx'
import { ReasoningSearch } from './reasoning-search.tsx'

/**
 * The chain of thought: open while the model thinks, folded when the answer begins; the reader's own choice stays. Its
 * turns can be jumped to, its words searched.
 */
export const ReasoningView = memo(function ReasoningView({
  text,
  thinking,
  tokens,
}: {
  text: string
  thinking: boolean
  /** As the engine counted; undefined where it did not say. */
  tokens?: number
}) {
  const t = useTranslations('reasoning')
  const format = useFormatter()
  const [chosen, setChosen] = useState<boolean>()
  const open = chosen ?? thinking
  const [everOpen, setEverOpen] = useState(open)
  if (open && !everOpen) setEverOpen(true)
  return (
    <details
      open={open}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open !== open) setChosen(currentTarget.open)
      }}
      data-testid="reasoning"
      className="rounded-card border border-line bg-surface"
    >
      <summary className="px-4 py-2.5 font-medium">
        {tokens === undefined ? t('title') : t('titleTokens', { tokens: format.number(tokens) })}
      </summary>
      {everOpen ? <Thought text={text} /> : null}
    </details>
  )
})

const Thought = memo(function Thought({ text }: { text: string }) {
  const t = useTranslations('reasoning')
  const blocks = useBlocks(text)
  const [outlined, setOutlined] = useState(false)
  const place = useRef<HTMLDivElement>(null)

  function show(block: number) {
    place.current?.querySelector('[data-hit]')?.removeAttribute('data-hit')
    const element = place.current?.querySelector(`[data-block="${block}"]`)
    element?.setAttribute('data-hit', '')
    element?.scrollIntoView({ block: 'center' })
  }

  return (
    <div className="border-t border-line">
      <div className="flex flex-wrap items-center gap-2 px-4 py-2">
        <Button
          size="small"
          look="quiet"
          aria-expanded={outlined}
          onClick={() => setOutlined(!outlined)}
        >
          <ListTree size={16} aria-hidden />
          {t('outline')}
        </Button>
        <ReasoningSearch blocks={blocks} onShow={show} />
      </div>
      {outlined ? <ReasoningOutline finished={blocks.feed.finished} onShow={show} /> : null}
      <div ref={place} className="px-4 pb-3 text-muted">
        <TypesetBlocks blocks={blocks} />
      </div>
    </div>
  )
})
