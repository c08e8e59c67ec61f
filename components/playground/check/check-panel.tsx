'use client'
import { useTranslations } from 'next-intl'
import { type KeyboardEvent, useRef } from 'react'
import { Typeset } from '#components/playground/typeset/typeset.tsx'
import { Badge } from '#components/ui/badge.tsx'
import type { CheckedRelation, CheckedText } from '#server/answers/check-relations.ts'
import { useCheck } from './use-check.ts'

const toneOf = { holds: 'good', fails: 'bad', unknown: 'warn' } as const

/** Every displayed equality and inequality of an answer, with what became of it. The arrow keys walk through the list. */
export function CheckPanel({ text }: { text: string }) {
  const t = useTranslations('check')
  const checked = useCheck(text)
  const list = useRef<HTMLOListElement>(null)
  if (!checked) return <p role="status">{t('checking')}</p>
  if (checked.relations.length === 0) return <p role="status">{t('none')}</p>

  function onKeyDown(event: KeyboardEvent) {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (by === 0) return
    const items = [...(list.current?.querySelectorAll<HTMLElement>('[data-relation]') ?? [])]
    const next = items[items.findIndex((item) => item === document.activeElement) + by]
    if (!next) return
    event.preventDefault()
    next.focus()
  }

  return (
    <section className="grid gap-2" aria-label={t('title')} data-testid="check">
      <p className="text-[0.87rem] text-muted">{assumption(checked, t)}</p>
      <ol ref={list} className="grid gap-2" onKeyDown={onKeyDown}>
        {checked.relations.map((relation) => (
          <Relation key={relation.at} relation={relation} />
        ))}
      </ol>
    </section>
  )
}

function assumption(
  { assumed: { integers, positive } }: CheckedText,
  t: ReturnType<typeof useTranslations<'check'>>,
): string {
  const parts = [
    integers.length > 0 ? t('integers', { names: integers.join(', ') }) : '',
    positive.length > 0 ? t('positive', { names: positive.join(', ') }) : '',
  ].filter(Boolean)
  return [...parts, t('assumed')].join(' ')
}

function Relation({ relation: { latex, steps } }: { relation: CheckedRelation }) {
  const t = useTranslations('check')
  return (
    <li>
      <button
        type="button"
        data-relation=""
        className="grid w-full gap-1 border-l-2 border-line pl-3 text-left focus-visible:border-accent"
      >
        <Typeset text={`$$\n${latex}\n$$`} />
        {steps.map((step, at) => (
          // Steps of a chain have no name but their place.
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
          <span key={at} className="flex flex-wrap items-center gap-2" data-testid="check-step">
            <Badge tone={toneOf[step.verdict]}>{t(step.verdict)}</Badge>
            {step.verdict === 'unknown' ? (
              <span className="text-[0.87rem]">{step.reason}</span>
            ) : null}
            {step.verdict === 'fails' ? <Counterexample {...step.counterexample} /> : null}
          </span>
        ))}
      </button>
    </li>
  )
}

function Counterexample({
  values,
  left,
  right,
}: {
  values: Record<string, string>
  left?: string
  right?: string
}) {
  const t = useTranslations('check')
  const at = Object.entries(values).map(
    ([name, value]) => `${/^[a-zA-Z]{2,}$/.test(name) ? `\\${name}` : name}=${value}`,
  )
  return (
    <>
      {at.length > 0 ? <Typeset text={`$${at.join(',\\;')}$`} /> : null}
      {left !== undefined && right !== undefined ? (
        <span className="inline-flex flex-wrap gap-1">
          {t('sides')} <Typeset text={`$${left}$, $${right}$`} />
        </span>
      ) : null}
    </>
  )
}
