'use client'
import { useTranslations } from 'next-intl'
import { everyContainer, type LogContainer } from '#server/runs/views/run-log-views.ts'

/** Whose log is shown: the steps', that of an init container or a sidecar beside them, or all by time. */
export function LogContainerSelect({
  containers,
  chosen,
  onChosen,
}: {
  containers: readonly LogContainer[]
  chosen?: string
  onChosen: (name: string | undefined) => void
}) {
  const t = useTranslations('runs.log')
  if (containers.length === 0 && !chosen) return null
  return (
    <select
      aria-label={t('whose')}
      value={chosen ?? ''}
      onChange={(event) => onChosen(event.target.value || undefined)}
      className="h-8 max-w-32 sm:max-w-44 rounded-lg border border-line-strong bg-surface px-2 text-[0.87rem]"
    >
      <option value="">{t('steps')}</option>
      <option value={everyContainer}>{t('everything')}</option>
      {containers.map(({ name, kind }) => (
        <option key={name} value={name}>
          {t(`kind.${kind}`, { name })}
        </option>
      ))}
      {chosen && chosen !== everyContainer && !containers.some(({ name }) => name === chosen) ? (
        <option value={chosen}>{chosen}</option>
      ) : null}
    </select>
  )
}
