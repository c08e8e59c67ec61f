'use client'
import { CircleCheck, CircleMinus, KeyRound } from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import type { AccessCheck, Signature } from '#server/access/model/receipt.ts'

/** Each thing that a run tried, what it saw and how long that took. */
export function CheckList({ checks }: { checks: AccessCheck[] }) {
  const t = useTranslations('access.checks')
  const format = useFormatter()
  if (checks.length === 0) return null
  return (
    <ul className="grid gap-2">
      {checks.map(({ check, ms, saw, skipped }) => {
        const Icon = skipped ? CircleMinus : CircleCheck
        return (
          <li key={check} className="grid grid-cols-[1.25rem_1fr_auto] gap-x-2">
            <Icon
              size={17}
              aria-hidden
              className={skipped ? 'mt-0.5 text-muted' : 'mt-0.5 text-good'}
            />
            <div className="min-w-0">
              <p>
                {t(check)}
                {skipped ? <span className="text-muted"> {t('skipped')}</span> : null}
              </p>
              <p className="font-mono text-[0.82rem] break-words text-muted">{saw}</p>
            </div>
            <span className="text-[0.9rem] whitespace-nowrap text-muted tabular-nums">
              {t('ms', { ms: format.number(ms, { maximumFractionDigits: ms < 10 ? 1 : 0 }) })}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

/** Whether the statement is signed, by which key, and whether anybody has checked that. */
export function SignatureLine({ signature }: { signature?: Signature }) {
  const t = useTranslations('access.signature')
  const format = useFormatter()
  const verified = signature?.verifiedAt
  return (
    <p className={`flex items-start gap-2 text-[0.87rem] ${verified ? 'text-good' : 'text-muted'}`}>
      <KeyRound size={16} aria-hidden className="mt-0.5 shrink-0" />
      <span className="min-w-0 break-words">
        {!signature
          ? t('none')
          : verified
            ? t('verified', {
                key: signature.key,
                at: format.dateTime(new Date(verified), {
                  dateStyle: 'medium',
                  timeStyle: 'medium',
                }),
              })
            : t('unverified', { key: signature.key })}
      </span>
    </p>
  )
}
