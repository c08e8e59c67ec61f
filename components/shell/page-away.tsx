'use client'
import { useTranslations } from 'next-intl'
import { useEffect } from 'react'
import { request } from '#components/data/request.ts'
import { Button } from '#components/ui/button.tsx'
import { Empty } from '#components/ui/empty.tsx'
import { useErrorWords } from '#components/ui/error-words.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { MeView } from '#server/processes/web/views/me.ts'

const askAgainMs = 5_000

/** In the place of every page while it cannot be said who is signed in; goes on by itself. */
export function PageAway({
  reason,
  requestId,
}: {
  reason: { message: string; key?: string }
  requestId: string
}) {
  const t = useTranslations()
  const wordsOf = useErrorWords()
  useEffect(() => {
    const timer = setInterval(() => void reloadOnceBack(), askAgainMs)
    return () => clearInterval(timer)
  }, [])
  return (
    <main className="grid min-h-dvh place-items-center">
      <Empty title={t('shell.away.title')} page>
        <p role="alert" className="mb-2">
          {wordsOf(reason)}
        </p>
        <p className="mb-4">{t('shell.away.text')}</p>
        <Button onClick={() => window.location.reload()}>{t('errors.retry')}</Button>
        <p className="mt-4 font-mono text-[0.8rem]">{t('errors.requestId', { id: requestId })}</p>
      </Empty>
    </main>
  )
}

async function reloadOnceBack(): Promise<void> {
  try {
    await request<MeView>('GET', '/api/me')
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'unavailable') return
  }
  window.location.reload()
}
