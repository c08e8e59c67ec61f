'use client'
import { useTranslations } from 'next-intl'
import { AlertDialog } from 'radix-ui'
import type { ReactNode, RefObject } from 'react'
import { Button } from './button.tsx'

/** Asks once before an act that weighs something, and says what it does; one without `trigger` is opened from outside. */
export function ConfirmDialog({
  trigger,
  title,
  children,
  action,
  look = 'danger',
  busy,
  focus,
  onConfirm,
  open,
  onOpenChange,
}: {
  trigger?: ReactNode
  title: string
  children: ReactNode
  /** Without one there is nothing to confirm, only to read. */
  action?: string
  look?: 'danger' | 'primary'
  busy?: boolean
  /** What has the focus when it opens; Cancel unless said. */
  focus?: RefObject<HTMLElement | null>
  onConfirm: () => void
  open?: boolean
  onOpenChange?: (open: boolean) => void
}) {
  const t = useTranslations('ui')
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      {trigger ? <AlertDialog.Trigger asChild>{trigger}</AlertDialog.Trigger> : null}
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <AlertDialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            if (!focus?.current) return
            event.preventDefault()
            focus.current.focus()
          }}
          className="fixed top-1/2 left-1/2 z-50 grid max-h-[90dvh] w-[min(34rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 gap-4 overflow-auto rounded-card border border-line bg-surface p-5 shadow-xl"
        >
          <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
          <div className="grid gap-3">{children}</div>
          <div className="flex flex-wrap justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button>{t(action ? 'cancel' : 'close')}</Button>
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
