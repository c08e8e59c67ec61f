'use client'
import { LogOut, MonitorX } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'

/** Out of this browser, or out of every one: a lecture hall's, a lost phone's. */
export function SignOut() {
  const t = useTranslations('shell')
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)

  async function go(everywhere: boolean) {
    setBusy(true)
    const { leave } = await import('./leave.ts')
    await leave(everywhere, t('notSignedOut'))
    setBusy(false)
  }

  return (
    <div className="flex gap-1">
      <Button size="small" className="flex-1" busy={busy} onClick={() => go(false)}>
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
          busy={busy}
          onConfirm={() => go(true)}
        >
          <p>{t('everywhere.text')}</p>
        </ConfirmDialog>
      ) : null}
    </div>
  )
}
