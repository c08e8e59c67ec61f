'use client'
import { useQuery } from '@tanstack/react-query'
import { Bell } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useNow, useTranslations } from 'next-intl'
import { useState } from 'react'
import { bindingsQuery, meQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'
import { inboxEntries } from './inbox-entries.ts'
import { useSeenKeys } from './seen-keys.ts'

const pageSize = 30

/** What places it beside its button is large: it comes when it is opened. */
const InboxPopover = dynamic(() => import('./inbox-popover.tsx').then((m) => m.InboxPopover))

/** What webhooks tell others, for who is here: from the live list, so that nothing has to be asked for. */
export function Inbox() {
  const t = useTranslations('inbox')
  const [shown, setShown] = useState(pageSize)
  const [opener, setOpener] = useState<HTMLButtonElement>()
  const now = useNow({ updateInterval: 30_000 })
  const { data: me } = useQuery(meQuery())
  const { data: bindings } = useQuery(bindingsQuery())
  const { seen, see } = useSeenKeys()
  const entries = me && bindings ? inboxEntries(bindings, me.user, now) : []
  const fresh = entries.filter(({ key }) => !seen.has(key)).length
  function close() {
    // What was not shown stays new.
    see(entries.slice(0, shown).map(({ key }) => key))
    setShown(pageSize)
    setOpener(undefined)
  }

  return (
    <>
      <Button
        size="small"
        aria-haspopup="dialog"
        aria-expanded={opener !== undefined}
        onClick={(event) => (opener ? close() : setOpener(event.currentTarget))}
        className="justify-between!"
      >
        <span className="flex items-center gap-2">
          <Bell size={16} aria-hidden />
          {t('title')}
        </span>
        <span
          role="status"
          aria-label={t('fresh', { count: fresh })}
          className={classes(
            'min-w-6 rounded-full px-1.5 text-center text-[0.8rem] font-semibold tabular-nums',
            fresh > 0 ? 'bg-accent text-on-accent' : 'invisible',
          )}
        >
          {fresh}
        </span>
      </Button>
      {opener ? (
        <InboxPopover
          opener={opener}
          entries={entries}
          shown={shown}
          seen={seen}
          onMore={() => setShown(shown + pageSize)}
          onClose={close}
        />
      ) : null}
    </>
  )
}
