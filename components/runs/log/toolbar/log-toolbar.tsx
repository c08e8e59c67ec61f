'use client'
import { ArrowDownToLine, Check, CircleHelp, Copy } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { tellFailure } from '#components/ui/tell-failure.ts'
import { Toggle } from './toggle.tsx'

/** Search on the left, what is done with the log on the right. */
export function LogToolbar({
  children,
  menus,
  follow,
  onFollow,
  onCopy,
  onHelp,
}: {
  children: ReactNode
  menus: ReactNode
  follow: boolean
  onFollow: (follow: boolean) => void
  onCopy: () => Promise<void>
  onHelp: () => void
}) {
  const t = useTranslations('runs.log')
  const ui = useTranslations('ui')
  const [copied, setCopied] = useState(false)
  async function copy() {
    try {
      await onCopy()
      setCopied(true)
    } catch {
      await tellFailure(ui('notCopied'))
    }
  }
  return (
    <search className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line bg-surface px-3 py-2">
      {children}
      <div className="ml-auto flex flex-wrap items-center justify-end gap-0.5">
        <Toggle on={follow} onChange={onFollow} label={t('follow')}>
          <ArrowDownToLine size={16} aria-hidden />
        </Toggle>
        {menus}
        <Button
          look="quiet"
          size="small"
          className="px-2"
          title={t('copy')}
          onBlur={() => setCopied(false)}
          onClick={() => void copy()}
        >
          {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
          <span aria-live="polite" className={copied ? undefined : 'sr-only'}>
            {copied ? t('copied') : t('copy')}
          </span>
        </Button>
        <Button
          look="quiet"
          size="small"
          className="px-2"
          aria-label={t('keys.help')}
          title={t('keys.help')}
          onClick={onHelp}
        >
          <CircleHelp size={16} aria-hidden />
        </Button>
      </div>
    </search>
  )
}
