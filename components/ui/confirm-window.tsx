'use client'
import { useTranslations } from 'next-intl'
import { AlertDialog } from 'radix-ui'
import { type ReactNode, type RefObject, useState } from 'react'
import { Button } from './button.tsx'

export type ConfirmWindowProps = {
  title: string
  children: ReactNode
  /** Without one there is nothing to confirm, only to read. */
  action?: string
  /** What closes it and does nothing; “Cancel” unless said. */
  dismiss?: string
  look?: 'danger' | 'primary'
  busy?: boolean
  /** What has the focus when it opens; Cancel unless said. */
  focus?: RefObject<HTMLElement | null>
  onConfirm: () => void
  onClose: () => void
}

/** The window of a `ConfirmDialog`, as long as it stands. What had the focus gets it back. */
export function ConfirmWindow({
  title,
  children,
  action,
  dismiss,
  look = 'danger',
  busy,
  focus,
  onConfirm,
  onClose,
}: ConfirmWindowProps) {
  const t = useTranslations('ui')
  const [opener] = useState(() => document.activeElement)
  return (
    <AlertDialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <AlertDialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            if (!focus?.current) return
            event.preventDefault()
            focus.current.focus()
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            if (opener instanceof HTMLElement) opener.focus()
          }}
          className="fixed top-1/2 left-1/2 z-50 grid max-h-[90dvh] w-[min(34rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 gap-4 overflow-auto rounded-card border border-line bg-surface p-5 shadow-xl"
        >
          <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
          <div className="grid gap-3">{children}</div>
          <div className="flex flex-wrap justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button>{dismiss ?? t(action ? 'cancel' : 'close')}</Button>
            </AlertDialog.Cancel>
            {action ? (
              <Button look={look} busy={busy} onClick={onConfirm}>
                {action}
              </Button>
            ) : null}
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
