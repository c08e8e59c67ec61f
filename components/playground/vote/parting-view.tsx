'use client'
import { useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import { Typeset } from '#components/playground/typeset/typeset.tsx'
import { classes } from '#components/ui/classes.ts'
import { partWays } from './part-ways.ts'

const stepsAround = 30

/** The reasoning of two answers beside each other from where they part, scrolled together. */
export function PartingView({
  left,
  right,
}: {
  left: { name: string; reasoning: string }
  right: { name: string; reasoning: string }
}) {
  const t = useTranslations('vote')
  const { at, ...steps } = partWays(left.reasoning, right.reasoning)
  const columns = useRef<HTMLDivElement>(null)
  useEffect(() => {
    for (const column of columns.current?.children ?? [])
      column.querySelector('[data-parting]')?.scrollIntoView({ block: 'nearest' })
  }, [])
  const onScroll = ({ currentTarget }: { currentTarget: HTMLElement }) => {
    for (const column of columns.current?.children ?? [])
      if (column !== currentTarget && column.scrollTop !== currentTarget.scrollTop)
        column.scrollTop = currentTarget.scrollTop
  }
  if (at >= steps.left.length && at >= steps.right.length) return <p>{t('sameReasoning')}</p>
  return (
    <div className="grid gap-2">
      <p className="text-[0.87rem] text-muted">{t('partsAt', { step: at + 1 })}</p>
      <div ref={columns} className="grid gap-3 sm:grid-cols-2">
        {[
          { name: left.name, list: steps.left },
          { name: right.name, list: steps.right },
        ].map(({ name, list }) => (
          <section
            key={name}
            aria-label={name}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached from the keyboard
            tabIndex={0}
            onScroll={onScroll}
            className="max-h-96 overflow-y-auto rounded-card border border-line p-3"
          >
            <h4 className="font-medium">{name}</h4>
            {list.slice(Math.max(0, at - 2), at + stepsAround).map((step, index) => {
              const place = Math.max(0, at - 2) + index
              return (
                <div
                  key={place}
                  data-parting={place === at ? '' : undefined}
                  className={classes(
                    'border-l-2 pl-3',
                    place === at ? 'border-accent' : 'border-transparent',
                  )}
                >
                  <Typeset text={step} />
                </div>
              )
            })}
          </section>
        ))}
      </div>
    </div>
  )
}
