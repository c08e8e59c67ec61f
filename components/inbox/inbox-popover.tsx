'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { Popover } from 'radix-ui'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { InboxEntry } from './inbox-entries.ts'

/** The open inbox, beside the button that opened it and takes the focus back. */
export function InboxPopover({
  opener,
  entries,
  shown,
  seen,
  onMore,
  onClose,
}: {
  opener: HTMLButtonElement
  entries: InboxEntry[]
  /** So many of them, the newest. */
  shown: number
  onMore: () => void
  seen: ReadonlySet<string>
  onClose: () => void
}) {
  const t = useTranslations('inbox')
  return (
    <Popover.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Popover.Anchor virtualRef={{ current: opener }} />
      <Popover.Portal>
        <Popover.Content
          side="top"
          align="start"
          sideOffset={8}
          collisionPadding={12}
          aria-label={t('title')}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            opener.focus()
          }}
          // A press on the button is the button's: it closes what is open.
          onInteractOutside={(event) => {
            if (event.target instanceof Node && opener.contains(event.target))
              event.preventDefault()
          }}
          className="z-50 max-h-[70dvh] w-[min(24rem,calc(100vw-2rem))] overflow-y-auto rounded-card border border-line bg-surface p-2 shadow-xl"
        >
          {entries.length === 0 ? (
            <p className="p-3 text-muted">{t('empty')}</p>
          ) : (
            <ul className="grid gap-1">
              {entries.slice(0, shown).map((entry) => (
                <li key={entry.key}>
                  <Entry entry={entry} fresh={!seen.has(entry.key)} />
                </li>
              ))}
              {entries.length > shown ? (
                <li>
                  <Button size="small" look="quiet" onClick={onMore}>
                    {t('more', { count: entries.length - shown })}
                  </Button>
                </li>
              ) : null}
            </ul>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Entry({ entry, fresh }: { entry: InboxEntry; fresh: boolean }) {
  const t = useTranslations('inbox')
  const { what, namespace, name, who, expiresAt, at } = entry
  return (
    <Popover.Close asChild>
      <Link
        href={`/bindings/${namespace}/${name}`}
        className="grid grid-cols-[auto_1fr] gap-x-2 rounded-lg px-2 py-2 hover:bg-raised"
      >
        <span
          aria-hidden
          className={classes('mt-2 size-2 rounded-full', fresh ? 'bg-accent' : 'bg-transparent')}
        />
        <span className="min-w-0">
          <span className="block font-medium">
            {t(`what.${what}`, { who: who ?? t('somebody') })}
          </span>
          <span className="block truncate font-mono text-[0.87rem]">
            {namespace}/{name}
          </span>
          <span className="block text-[0.82rem] text-muted">
            <Timestamp at={what === 'expiring' && expiresAt ? expiresAt : at} />
          </span>
        </span>
      </Link>
    </Popover.Close>
  )
}
