'use client'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { Button } from '#components/ui/button.tsx'

/** Previous and next of what stands at one place: "2 of 3". Nothing where there is only one. */
export function BranchSwitch({
  what,
  ids,
  current,
  onChoose,
}: {
  what: 'question' | 'answer'
  ids: string[]
  current: string
  onChoose: (id: string) => void
}) {
  const t = useTranslations('conversations.branch')
  const index = ids.indexOf(current)
  const previous = ids[index - 1]
  const next = ids[index + 1]
  if (ids.length < 2) return null
  return (
    <div className="inline-flex items-center gap-1">
      <Button
        size="small"
        look="quiet"
        disabled={previous === undefined}
        aria-label={t(`${what}.previous`)}
        onClick={() => previous && onChoose(previous)}
      >
        <ChevronLeft size={16} aria-hidden />
      </Button>
      <span className="text-[0.87rem] text-muted tabular-nums">
        {t('place', { index: index + 1, count: ids.length })}
      </span>
      <Button
        size="small"
        look="quiet"
        disabled={next === undefined}
        aria-label={t(`${what}.next`)}
        onClick={() => next && onChoose(next)}
      >
        <ChevronRight size={16} aria-hidden />
      </Button>
    </div>
  )
}
