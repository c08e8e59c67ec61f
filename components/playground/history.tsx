'use client'
import { useTranslations } from 'next-intl'
import { classes } from '#components/ui/classes.ts'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { GenerationView } from '#server/domain/views.ts'

/** What this person asked before, newest first. */
export function History({
  generations,
  current,
  onChoose,
}: {
  generations: GenerationView[]
  current?: string
  onChoose: (id: string) => void
}) {
  const t = useTranslations('playground.history')
  if (generations.length === 0) return null
  return (
    <nav aria-label={t('title')} className="min-w-0">
      <h2 className="mb-2 font-semibold">{t('title')}</h2>
      <ul className="grid gap-0.5">
        {generations.map((generation) => (
          <li key={generation.id}>
            <button
              type="button"
              aria-current={generation.id === current ? 'true' : undefined}
              onClick={() => onChoose(generation.id)}
              className={classes(
                'grid w-full rounded-lg px-3 py-2 text-left',
                generation.id === current ? 'bg-accent-soft' : 'hover:bg-raised',
              )}
            >
              <span className="truncate">
                {generation.request.messages.findLast(({ role }) => role === 'user')?.content}
              </span>
              <span className="text-[0.85rem] text-muted">
                <Timestamp at={generation.createdAt} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  )
}
