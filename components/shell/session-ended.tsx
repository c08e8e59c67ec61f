'use client'
import { ExternalLink, KeyRound } from 'lucide-react'
import { usePathname, useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect } from 'react'
import { askSession } from '#components/data/session.ts'
import { Button } from '#components/ui/button.tsx'
import { useErrorWords } from '#components/ui/error-words.ts'
import type { AppError } from '#server/platform/model/errors.ts'

/** Above a page whose session is over: what stands there stays, readable and typed, until one is signed in again. */
export function SessionEnded({ error }: { error: AppError }) {
  const t = useTranslations('shell.ended')
  const wordsOf = useErrorWords()
  const path = usePathname()
  const search = useSearchParams().toString()
  const here = `${path}${search && '?'}${search}`
  const signIn = `/sign-in?${new URLSearchParams({ callbackUrl: here })}`

  useEffect(() => {
    const ask = () => {
      if (document.visibilityState === 'visible') void askSession()
    }
    window.addEventListener('focus', ask)
    document.addEventListener('visibilitychange', ask)
    return () => {
      window.removeEventListener('focus', ask)
      document.removeEventListener('visibilitychange', ask)
    }
  }, [])

  return (
    <div
      role="alert"
      className="sticky top-0 z-20 flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-warn-soft px-4 py-2.5"
    >
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-semibold text-warn">{t('title')}</p>
        <p className="text-[0.93rem]">
          {wordsOf({ ...error.details, message: '' })} {t('text')}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button size="small" look="primary" asChild>
          <a href={signIn}>
            <KeyRound size={16} aria-hidden />
            {t('signIn')}
          </a>
        </Button>
        <Button size="small" asChild>
          <a href={signIn} target="_blank" rel="noopener">
            <ExternalLink size={16} aria-hidden />
            {t('newTab')}
          </a>
        </Button>
      </div>
    </div>
  )
}
