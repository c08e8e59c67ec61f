'use client'
import { useQuery } from '@tanstack/react-query'
import { Menu, WifiOff } from 'lucide-react'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { type ReactNode, useRef, useState } from 'react'
import { useConnected } from '#components/data/live-lists.tsx'
import { meQuery } from '#components/data/queries.ts'
import { useAway, useSessionEnd } from '#components/data/session.ts'
import { Inbox } from '#components/inbox/inbox.tsx'
import { Button } from '#components/ui/button.tsx'
import { useErrorWords } from '#components/ui/error-words.ts'
import { Nav } from './nav.tsx'
import { Preferences, type Theme } from './preferences.tsx'
import { SignOut } from './sign-out.tsx'

/** Of a phone only, and large: it comes when it is opened. */
const Drawer = dynamic(() => import('./drawer.tsx').then((m) => m.Drawer))
const SessionEnded = dynamic(() => import('./session-ended.tsx').then((m) => m.SessionEnded))

/** The frame of every signed-in page: a sidebar, on a phone a drawer. */
export function Shell({ theme, children }: { theme: Theme; children: ReactNode }) {
  const t = useTranslations('shell')
  const [drawer, setDrawer] = useState(false)
  const menu = useRef<HTMLButtonElement>(null)
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15rem_1fr] hall:block print:block">
      <a
        href="#content"
        className="sr-only z-50 rounded-lg bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        {t('skip')}
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col gap-6 border-r border-line bg-surface p-4 lg:flex hall:hidden print:hidden">
        <Wordmark />
        <div className="flex-1">
          <Nav />
        </div>
        <Footer theme={theme} />
      </aside>

      <header className="sticky top-0 z-30 flex items-center justify-between border-b border-line bg-surface px-4 py-2 lg:hidden hall:hidden print:hidden">
        <Wordmark />
        <Button
          ref={menu}
          look="quiet"
          size="small"
          aria-label={t('menu')}
          aria-haspopup="dialog"
          aria-expanded={drawer}
          onClick={() => setDrawer(true)}
        >
          <Menu size={20} aria-hidden />
        </Button>
        {drawer ? (
          <Drawer opener={menu} onClose={() => setDrawer(false)}>
            <Footer theme={theme} />
          </Drawer>
        ) : null}
      </header>

      <div className="min-w-0">
        <CutNotice />
        <main
          id="content"
          tabIndex={-1}
          className="mx-auto w-full max-w-[76rem] p-4 outline-none sm:p-6 lg:p-8 hall:max-w-none print:max-w-none print:p-0"
        >
          {children}
        </main>
      </div>
    </div>
  )
}

function Wordmark() {
  return (
    <Link href="/access" className="text-[1.15rem] font-semibold tracking-tight">
      Bindery
    </Link>
  )
}

function Footer({ theme }: { theme: Theme }) {
  const { data: me } = useQuery(meQuery())
  return (
    <div className="grid gap-3 border-t border-line pt-4">
      <div className="min-w-0">
        <p className="truncate font-medium">{me?.name ?? '…'}</p>
        <p className="truncate text-[0.87rem] text-muted">{me?.groups.join(', ')}</p>
      </div>
      <Inbox />
      <Preferences theme={theme} />
      <SignOut />
    </div>
  )
}

function CutNotice() {
  const t = useTranslations('shell')
  const connected = useConnected()
  const ended = useSessionEnd()
  const away = useAway()
  const wordsOf = useErrorWords()
  if (ended) return <SessionEnded error={ended} />
  if (connected) return <div role="status" />
  return (
    <div
      role="status"
      className="flex items-center justify-center gap-2 bg-warn-soft px-4 py-1.5 text-[0.9rem] text-warn"
    >
      <WifiOff size={16} aria-hidden />
      {away ? wordsOf({ ...away.details, message: away.message }) : null} {t('cut')}
    </div>
  )
}
