'use client'
import { useTranslations } from 'next-intl'
import { Badge } from '#components/ui/badge.tsx'
import { type CodeLanguage, codeBounds } from '#server/playground/model/code-bounds.ts'
import type { RunState } from './run-state.ts'

/** How a run goes or went, in words that are read out once; what it wrote is not. */
export function RunStatus({
  run,
  language,
}: {
  run: RunState | undefined
  language: CodeLanguage
}) {
  const t = useTranslations('run-code')
  const { end } = run ?? {}
  const bounds = { seconds: codeBounds.runMsMax / 1000, chars: codeBounds.outputCharsMax }
  const hint = end?.hint
  return (
    <div role="status" className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      {run && !end ? (
        <Badge live tone="accent">
          {t(run.phase === 'loading' ? `loading.${language}` : 'running')}
        </Badge>
      ) : null}
      {end ? (
        <>
          <Badge tone={end.how === 'done' ? 'good' : end.how === 'stopped' ? 'warn' : 'bad'}>
            {t(`end.${end.how}`, bounds)}
          </Badge>
          {end.ms === undefined ? null : (
            <span className="text-muted tabular-nums">{t('took', { ms: Math.round(end.ms) })}</span>
          )}
          {end.exitCode ? (
            <span className="text-muted">{t('exitCode', { code: end.exitCode })}</span>
          ) : null}
          {end.how === 'done' && run?.chars === 0 ? (
            <span className="text-muted">{t('silent')}</span>
          ) : null}
          {hint ? (
            <span className="basis-full">
              {t(`hint.${hint.key}.${language}`, {
                name: hint.name ?? '',
                mib: codeBounds.memoryMibMax,
              })}
            </span>
          ) : null}
        </>
      ) : null}
    </div>
  )
}
