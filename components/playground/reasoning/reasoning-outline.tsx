'use client'
import { useTranslations } from 'next-intl'
import { memo, useRef, useState } from 'react'
import { classes } from '#components/ui/classes.ts'
import { type Turn, type TurnKind, turnKinds, turnsOf } from './reasoning-turns.ts'

/** The turns of a thought in their order: cases, doubts, checks, conclusions. Each leads to its place. */
export function ReasoningOutline({
  finished,
  onShow,
}: {
  finished: readonly string[]
  onShow: (block: number) => void
}) {
  const t = useTranslations('reasoning')
  const turns = useTurns(finished)
  const [only, setOnly] = useState<TurnKind>()
  const kinds = turnKinds.filter((kind) => turns.some((turn) => turn.kind === kind))
  if (turns.length === 0) return <p className="px-4 pb-2 text-muted">{t('noTurns')}</p>
  return (
    <nav aria-label={t('outline')} className="border-b border-line px-4 pb-2">
      <div className="flex flex-wrap gap-1.5 pb-2">
        {kinds.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={only === kind}
            onClick={() => setOnly(only === kind ? undefined : kind)}
            className={classes(
              'rounded-full border px-2.5 py-0.5 text-[0.87rem]',
              only === kind ? 'border-accent bg-accent-soft' : 'border-line hover:bg-raised',
            )}
          >
            {t(`kinds.${kind}`)}{' '}
            <span className="text-muted tabular-nums">
              {turns.filter((turn) => turn.kind === kind).length}
            </span>
          </button>
        ))}
      </div>
      <TurnList turns={only ? turns.filter(({ kind }) => kind === only) : turns} onShow={onShow} />
    </nav>
  )
}

const TurnList = memo(function TurnList({
  turns,
  onShow,
}: {
  turns: Turn[]
  onShow: (block: number) => void
}) {
  const t = useTranslations('reasoning')
  return (
    <ol className="grid max-h-64 grid-cols-[minmax(0,1fr)] overflow-auto text-[0.93rem]">
      {turns.map(({ block, kind, text }, index) => (
        <li key={`${block} ${index}`}>
          <button
            type="button"
            onClick={() => onShow(block)}
            className="flex w-full items-baseline gap-2 rounded px-2 py-1 text-left hover:bg-raised"
          >
            <span className="w-20 shrink-0 text-[0.8rem] text-muted">{t(`kinds.${kind}`)}</span>
            <span className="min-w-0 truncate">{text}</span>
          </button>
        </li>
      ))}
    </ol>
  )
})

/** What was read is not read again; the array changes only where there is a new turn. */
function useTurns(finished: readonly string[]): Turn[] {
  const read = useRef<{ finished: readonly string[]; count: number; turns: Turn[] }>(undefined)
  if (read.current?.finished !== finished) read.current = { finished, count: 0, turns: [] }
  const fresh = finished
    .slice(read.current.count)
    .flatMap((block, index) => turnsOf(block, (read.current?.count ?? 0) + index))
  read.current.count = finished.length
  if (fresh.length > 0) read.current.turns = [...read.current.turns, ...fresh]
  return read.current.turns
}
