'use client'
import { useTranslations } from 'next-intl'
import { Button } from '#components/ui/button.tsx'

/** Which keys act on this page, and how to turn them off. */
export function ShortcutHint({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }) {
  const t = useTranslations('approvals.keys')
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 px-1 text-[0.85rem] text-muted max-lg:hidden">
      {on
        ? (['move', 'approve', 'deny'] as const).map((name) => (
            <span key={name}>
              {t.rich(name, {
                k: (key) => (
                  <kbd className="rounded border border-line-strong bg-surface px-1.5 font-mono text-[0.8rem] text-ink">
                    {key}
                  </kbd>
                ),
              })}
            </span>
          ))
        : null}
      <Button size="small" look="quiet" onClick={() => onChange(!on)}>
        {on ? t('turnOff') : t('turnOn')}
      </Button>
    </div>
  )
}
