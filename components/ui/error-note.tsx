'use client'
import { CircleAlert } from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { AppError } from '#server/platform/model/errors.ts'
import { Button } from './button.tsx'
import { useErrorWords } from './error-words.ts'

/** What went wrong in the reader's words, what to do, and the request id for whoever looks into it. */
export function ErrorNote({
  error,
  onRetry,
  children,
}: {
  error: unknown
  onRetry?: () => void
  children?: ReactNode
}) {
  const t = useTranslations('errors')
  const format = useFormatter()
  const [shownAt] = useState(() => Date.now())
  const code = error instanceof AppError ? error.code : 'internal'
  const wordsOf = useErrorWords()
  const { key, values, retryAfterSeconds } = error instanceof AppError ? error.details : {}
  const message = error instanceof AppError ? wordsOf({ key, values, message: error.message }) : ''
  const requestId = values?.requestId
  // Where no field is marked there is none to correct.
  const isOfFields = error instanceof AppError && (error.details.fields?.length ?? 0) > 0
  // The server answered, so it is not the reader's connection.
  const isAway = code === 'unavailable' && key !== undefined
  const next = isAway
    ? t('away.next')
    : code === 'unprocessable' && !isOfFields
      ? undefined
      : t(`${code}.next`)
  return (
    <div role="alert" className="flex gap-3 rounded-card bg-bad-soft px-4 py-3">
      <CircleAlert size={20} className="mt-0.5 shrink-0 text-bad" aria-hidden />
      <div className="grid min-w-0 gap-1">
        <p className="font-semibold text-bad">{isAway ? t('away.title') : t(`${code}.title`)}</p>
        <p className="break-words">{message || t(`${code}.next`)}</p>
        {message && (next ?? retryAfterSeconds) ? (
          <p className="text-muted">
            {!retryAfterSeconds
              ? next
              : retryAfterSeconds <= 90
                ? t('retryIn', { seconds: Math.ceil(retryAfterSeconds) })
                : t('retryAt', {
                    time: format.dateTime(new Date(shownAt + retryAfterSeconds * 1000), {
                      dateStyle: 'medium',
                      timeStyle: 'short',
                    }),
                  })}
          </p>
        ) : null}
        {requestId ? (
          <p className="font-mono text-[0.8rem] text-muted">
            {t('requestId', { id: String(requestId) })}
          </p>
        ) : null}
        {children}
        {onRetry && code !== 'forbidden' ? (
          <div className="mt-1">
            <Button size="small" onClick={onRetry}>
              {t('retry')}
            </Button>
          </div>
        ) : null}
      </div>
    </div>
  )
}
