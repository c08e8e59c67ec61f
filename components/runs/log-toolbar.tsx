'use client'
import { ArrowDownToLine, ChevronDown, ChevronUp, Clock, Download, WrapText } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, type RefObject, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'
import type { RowLook } from './log-row.tsx'

export function LogToolbar({
  query,
  onQuery,
  matches,
  current,
  onStep,
  look,
  onLook,
  follow,
  onFollow,
  onCopy,
  download,
  searchBox,
}: {
  query: string
  onQuery: (query: string) => void
  matches: number
  current: number
  onStep: (by: 1 | -1) => void
  look: RowLook
  onLook: (look: RowLook) => void
  follow: boolean
  onFollow: (follow: boolean) => void
  onCopy: () => Promise<void>
  download: string
  searchBox: RefObject<HTMLInputElement | null>
}) {
  const t = useTranslations('runs.log')
  const [copied, setCopied] = useState(false)
  return (
    <search className="flex flex-wrap items-center gap-1.5 border-b border-line bg-surface px-3 py-2">
      <input
        ref={searchBox}
        type="search"
        value={query}
        onChange={(event) => onQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1)
          if (event.key === 'Escape') {
            onQuery('')
            event.currentTarget.blur()
          }
        }}
        placeholder={t('search')}
        aria-label={t('search')}
        className="h-8 w-44 rounded-lg border border-line-strong bg-surface px-2.5 text-[0.9rem]"
      />
      {query ? (
        <>
          <span role="status" className="text-[0.87rem] text-muted tabular-nums">
            {matches === 0 ? t('none') : t('match', { current: current + 1, count: matches })}
          </span>
          <Button look="quiet" size="small" aria-label={t('previous')} onClick={() => onStep(-1)}>
            <ChevronUp size={16} aria-hidden />
          </Button>
          <Button look="quiet" size="small" aria-label={t('next')} onClick={() => onStep(1)}>
            <ChevronDown size={16} aria-hidden />
          </Button>
        </>
      ) : null}
      <span className="flex-1" />
      <Toggle on={follow} onChange={onFollow} label={t('follow')}>
        <ArrowDownToLine size={16} aria-hidden />
      </Toggle>
      <Toggle on={look.wrap} onChange={(wrap) => onLook({ ...look, wrap })} label={t('wrap')}>
        <WrapText size={16} aria-hidden />
      </Toggle>
      <Toggle on={look.times} onChange={(times) => onLook({ ...look, times })} label={t('times')}>
        <Clock size={16} aria-hidden />
      </Toggle>
      <Button
        look="quiet"
        size="small"
        onBlur={() => setCopied(false)}
        onClick={() => void onCopy().then(() => setCopied(true))}
      >
        {copied ? t('copied') : t('copy')}
      </Button>
      <Button look="quiet" size="small" asChild>
        <a href={download} download aria-label={t('download')} title={t('download')}>
          <Download size={16} aria-hidden />
        </a>
      </Button>
    </search>
  )
}

function Toggle({
  on,
  onChange,
  label,
  children,
}: {
  on: boolean
  onChange: (on: boolean) => void
  label: string
  children: ReactNode
}) {
  return (
    <Button
      look="quiet"
      size="small"
      aria-pressed={on}
      aria-label={label}
      title={label}
      onClick={() => onChange(!on)}
      className={classes(on && 'bg-accent-soft text-accent-strong')}
    >
      {children}
    </Button>
  )
}
