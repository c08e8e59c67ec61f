'use client'
import { X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { Dialog } from 'radix-ui'
import { Button } from '#components/ui/button.tsx'

/** Every key of the viewer, and the name of what it does. */
export const logKeys = [
  ['/', 'search'],
  ['n', 'next'],
  ['N', 'previous'],
  ['e', 'error'],
  ['E', 'errorBack'],
  ['j', 'down'],
  ['k', 'up'],
  ['y', 'copy'],
  ['f', 'follow'],
  ['g', 'top'],
  ['G', 'bottom'],
  ['w', 'wrap'],
  ['t', 'times'],
  ['z', 'folds'],
  ['?', 'help'],
] as const

export type LogKeyAct = (typeof logKeys)[number][1]

export function LogHelp({
  open,
  onOpenChange,
}: {
  open: boolean
  onOpenChange: (open: boolean) => void
}) {
  const t = useTranslations('runs.log.keys')
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-1/2 left-1/2 z-50 grid max-h-[90dvh] w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 gap-3 overflow-auto rounded-card border border-line bg-surface p-5 shadow-xl"
        >
          <div className="flex items-center justify-between">
            <Dialog.Title className="text-lg font-semibold">{t('title')}</Dialog.Title>
            <Dialog.Close asChild>
              <Button look="quiet" size="small" aria-label={t('close')}>
                <X size={18} aria-hidden />
              </Button>
            </Dialog.Close>
          </div>
          <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1.5">
            {logKeys.map(([key, act]) => (
              <div key={act} className="contents">
                <dt>
                  <kbd className="inline-block min-w-7 rounded-md border border-line-strong bg-raised px-1.5 text-center font-mono text-[0.87rem]">
                    {key}
                  </kbd>
                </dt>
                <dd>{t(act)}</dd>
              </div>
            ))}
          </dl>
          <p className="text-[0.9rem] text-muted">{t('range')}</p>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
