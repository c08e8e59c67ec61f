'use client'
import { useQuery } from '@tanstack/react-query'
import { Bell } from 'lucide-react'
import Link from 'next/link'
import { useNow, useTranslations } from 'next-intl'
import { Popover } from 'radix-ui'
import { bindingsQuery, meQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'
import { Timestamp } from '#components/ui/timestamp.tsx'
import { type InboxEntry, inboxEntries } from './inbox-entries.ts'
import { useSeenKeys } from './seen-keys.ts'

const shownMax = 30

/** What webhooks tell others, for who is here: from the live list, so that nothing has to be asked for. */
export function Inbox() {
  const t = useTranslations('inbox')
  const now = useNow({ updateInterval: 30_000 })
  const { data: me } = useQuery(meQuery())
  const { data: bindings } = useQuery(bindingsQuery())
  const { seen, see } = useSeenKeys()
  const entries = me && bindings ? inboxEntries(bindings, me.user, now).slice(0, shownMax) : []
  const fresh = entries.filter(({ key }) => !seen.has(key)).length
  return (
    <Popover.Root onOpenChange={(open) => (open ? undefined : see(entries.map(({ key }) => key)))}>
      <Popover.Trigger asChild>
        <Button size="small" className="justify-between">
          <span className="flex items-center gap-2">
            <Bell size={16} aria-hidden />
            {t('title')}
          </span>
          <span
            role="status"
            aria-label={t('fresh', { count: fresh })}
            className={classes(
              'min-w-6 rounded-full px-1.5 text-center text-[0.8rem] font-semibold tabular-nums',
              fresh > 0 ? 'bg-accent text-on-accent' : 'text-muted',
            )}
          >
            {fresh}
          </span>
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          align="start"
          sideOffset={8}
          collisionPadding={12}
          aria-label={t('title')}
          className="z-50 max-h-[70dvh] w-[min(24rem,calc(100vw-2rem))] overflow-y-auto rounded-card border border-line bg-surface p-2 shadow-xl"
        >
          {entries.length === 0 ? (
            <p className="p-3 text-muted">{t('empty')}</p>
          ) : (
            <ul className="grid gap-1">
              {entries.map((entry) => (
                <li key={entry.key}>
                  <Entry entry={entry} fresh={!seen.has(entry.key)} />
                </li>
              ))}
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
