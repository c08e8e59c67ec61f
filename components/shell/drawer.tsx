'use client'
import { X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { Dialog } from 'radix-ui'
import type { ReactNode, RefObject } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Nav } from './nav.tsx'

/** The sidebar of a phone, over the page for as long as it stands. */
export function Drawer({
  opener,
  children,
  onClose,
}: {
  /** Gets the focus back. */
  opener: RefObject<HTMLElement | null>
  children: ReactNode
  onClose: () => void
}) {
  const t = useTranslations('shell')
  return (
    <Dialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            opener.current?.focus()
          }}
          className="fixed inset-y-0 right-0 z-50 flex w-72 max-w-[85vw] flex-col gap-6 bg-surface p-4"
        >
          <div className="flex items-center justify-between">
            <Dialog.Title className="font-semibold">{t('menu')}</Dialog.Title>
            <Dialog.Close asChild>
              <Button look="quiet" size="small" aria-label={t('closeMenu')}>
                <X size={20} aria-hidden />
              </Button>
            </Dialog.Close>
          </div>
          <div className="flex-1">
            <Nav onNavigate={onClose} />
          </div>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
