'use client'
import { useTranslations } from 'next-intl'
import { ErrorNote } from '#components/ui/error-note.tsx'
import type { FollowedLog } from './use-run-log.ts'

/** What of the log cannot be shown, and why. */
export function LogNotices({ log, step }: { log: FollowedLog; step?: string }) {
  const t = useTranslations('runs.log')
  return (
    <>
      {log.failure ? (
        <div className="p-3">
          <ErrorNote error={log.failure} />
        </div>
      ) : null}
      {log.gaps
        .filter((gap) => !step || gap.step === step)
        .map((gap) => (
          <p key={gap.row} className="bg-warn-soft px-4 py-2 text-[0.9rem] text-warn">
            {t(`gap.${gap.reason}`, { step: gap.step })}
          </p>
        ))}
    </>
  )
}
