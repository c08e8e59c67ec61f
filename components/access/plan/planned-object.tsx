'use client'
import { useTranslations } from 'next-intl'
import { useId, useState } from 'react'
import { Badge, type Tone } from '#components/ui/badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'
import type { PlannedChange } from '#server/access/model/model-binding.ts'
import { type DiffLine, diffLines } from './diff-lines.ts'

export const changeTones: Record<PlannedChange['change'], Tone> = {
  create: 'good',
  update: 'accent',
  unchanged: 'neutral',
  delete: 'warn',
  conflict: 'bad',
  unknown: 'warn',
}

const grounds: Record<DiffLine['mark'], string> = {
  '+': 'bg-good-soft text-good',
  '-': 'bg-bad-soft text-bad',
  ' ': '',
}

/** One object of a plan as a diff against the live one; `whole` is all of it as it is sealed. */
export function PlannedObject({ change, whole }: { change: PlannedChange; whole?: object }) {
  const t = useTranslations('approvals.plan')
  const [all, setAll] = useState(false)
  const bodyId = useId()
  // What is created is shown whole as it is.
  const canShowAll = whole !== undefined && change.change !== 'create'
  const lines = diffLines(change, all ? whole : undefined)
  const count = (mark: DiffLine['mark']) => lines.filter((line) => line.mark === mark).length
  return (
    <li className="overflow-hidden rounded-lg border border-line">
      <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5">
        <Badge tone={changeTones[change.change]}>{t(`change.${change.change}`)}</Badge>
        <span className="font-medium">{change.kind}</span>
        <span className="min-w-0 font-mono text-[0.9rem] break-all text-muted">
          {change.namespace}/{change.name}
        </span>
        <span className="ml-auto flex items-center gap-3">
          {lines.length > 0 ? (
            <span className="font-mono text-[0.85rem] whitespace-nowrap tabular-nums" aria-hidden>
              <span className="text-good">+{count('+')}</span>{' '}
              <span className="text-bad">−{count('-')}</span>
            </span>
          ) : null}
          {canShowAll ? (
            <Button
              size="small"
              look="quiet"
              aria-expanded={all}
              aria-controls={bodyId}
              onClick={() => setAll(!all)}
            >
              {all ? t('differences') : t('whole')}
            </Button>
          ) : null}
        </span>
      </div>
      {change.message ? (
        <p className="border-t border-line bg-bad-soft px-3 py-2 break-words text-bad">
          {change.message}
        </p>
      ) : null}
      <div id={bodyId}>{lines.length > 0 ? <Lines lines={lines} /> : null}</div>
    </li>
  )
}

function Lines({ lines }: { lines: DiffLine[] }) {
  const t = useTranslations('approvals.plan')
  return (
    <ol className="border-t border-line bg-log py-1.5 font-mono text-[0.85rem] leading-[1.55]">
      {lines.map(({ mark, depth, text }, index) => (
        <li key={index} className={classes('grid grid-cols-[1.75rem_1fr] pr-3', grounds[mark])}>
          <span aria-hidden className="text-center select-none">
            {mark === '-' ? '−' : mark}
          </span>
          <span
            style={{ paddingInlineStart: `${depth * 2}ch` }}
            className="min-w-0 [overflow-wrap:anywhere] whitespace-pre-wrap"
          >
            {mark === ' ' ? null : (
              <span className="sr-only">{mark === '+' ? t('planned') : t('live')} </span>
            )}
            <Line text={text} quiet={mark === ' '} />
          </span>
        </li>
      ))}
    </ol>
  )
}

/** The key steps back so that the values can be read down the column. */
function Line({ text, quiet }: { text: string; quiet: boolean }) {
  const colon = text.indexOf(':')
  if (!quiet || colon < 0) return text
  return (
    <>
      <span className="text-muted">{text.slice(0, colon + 1)}</span>
      {text.slice(colon + 1)}
    </>
  )
}
