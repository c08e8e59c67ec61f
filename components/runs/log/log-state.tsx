'use client'
import { useTranslations } from 'next-intl'
import { SpokenWords } from './search/spoken-words.tsx'
import type { FollowedLog } from './use-run-log.ts'

/** How the log stands: live or ended, how many lines, what of them is shown. It changes with each line, and is said when it rests. */
export function LogState({
  log,
  container,
  shown,
}: {
  log: FollowedLog
  container?: string
  /** So many lines pass the filters. */
  shown: number
}) {
  const t = useTranslations('runs.log')
  const { lines, ended, connected, behind } = log
  const other = log.containers.find(({ name }) => name === container)
  function state(): string {
    if (lines.length === 0 && other && (ended || connected)) {
      return t(`asleep.${other.state}`, { name: other.name })
    }
    if (ended) return t('ended', { count: lines.length })
    if (!connected) return t('reconnecting')
    return lines.length === 0 ? t('waiting') : t('live', { count: lines.length })
  }
  const words = [
    state(),
    behind > 0 ? t('behind', { count: behind }) : '',
    shown < lines.length ? t('shown', { count: shown }) : '',
  ]
  const text = words.filter(Boolean).join(' · ')
  return (
    <div className="border-t border-line px-4 py-1.5 text-[0.85rem] text-muted">
      <p>{text}</p>
      <SpokenWords text={t('spoken.state', { state: text })} />
    </div>
  )
}
