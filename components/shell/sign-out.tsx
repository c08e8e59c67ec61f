'use client'
import { useMutation } from '@tanstack/react-query'
import { LogOut, MonitorX } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { request } from '#components/data/request.ts'
import { Button } from '#components/ui/button.tsx'
import { tellFailure } from '#components/ui/tell-failure.ts'
import { AppError } from '#server/domain/errors.ts'
import type { SignOutView } from '#server/domain/views.ts'

const ConfirmDialog = dynamic(() =>
  import('#components/ui/confirm-dialog.tsx').then((m) => m.ConfirmDialog),
)

/** Out of this browser, or out of every one: a lecture hall's, a lost phone's. */
export function SignOut() {
  const t = useTranslations('shell')
  const [asking, setAsking] = useState(false)
  const leave = useMutation({
    mutationFn: async (everywhere: boolean) => {
      const { url } = await request<SignOutView>('POST', '/api/sign-out', { everywhere })
      // The session is over; this takes its cookie away.
      const { signOut } = await import('next-auth/react')
      await signOut({ redirect: false })
      return url ?? '/sign-in'
    },
    onSuccess: (url) => window.location.assign(url),
    onError: (error) => {
      const over = error instanceof AppError && error.code === 'unauthenticated'
      if (over) window.location.assign('/sign-in')
      else void tellFailure(t('notSignedOut'))
    },
  })
  return (
    <div className="flex gap-1">
      <Button
        size="small"
        className="flex-1"
        busy={leave.isPending}
        onClick={() => leave.mutate(false)}
      >
        <LogOut size={16} aria-hidden />
        {t('signOut')}
      </Button>
      <Button
        size="small"
        aria-label={t('everywhere.title')}
        title={t('everywhere.title')}
        aria-haspopup="dialog"
        onClick={() => setAsking(true)}
      >
        <MonitorX size={16} aria-hidden />
      </Button>
      {asking ? (
        <ConfirmDialog
          open
          onOpenChange={setAsking}
          title={t('everywhere.title')}
          action={t('everywhere.action')}
          busy={leave.isPending}
          onConfirm={() => leave.mutate(true)}
        >
          <p>{t('everywhere.text')}</p>
        </ConfirmDialog>
      ) : null}
    </div>
  )
}
