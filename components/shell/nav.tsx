'use client'
import { useQuery } from '@tanstack/react-query'
import {
  BookOpenCheck,
  CircleDotDashed,
  ClipboardCheck,
  KeyRound,
  ListTree,
  type LucideIcon,
  ScrollText,
  Sigma,
  SquareTerminal,
} from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { bindingsQuery, meQuery } from '#components/data/queries.ts'
import { classes } from '#components/ui/classes.ts'

type Entry = {
  href: string
  label: 'access' | 'approvals' | 'rings' | 'runs' | 'tasks' | 'audit' | 'playground' | 'changes'
  Icon: LucideIcon
  /** Pages that belong to the entry without lying below it. */
  also?: string[]
}

const entries: Entry[] = [
  { href: '/access', label: 'access', Icon: KeyRound, also: ['/bindings', '/models'] },
  { href: '/playground', label: 'playground', Icon: Sigma },
  { href: '/approvals', label: 'approvals', Icon: ClipboardCheck },
  { href: '/rings', label: 'rings', Icon: CircleDotDashed },
  { href: '/runs', label: 'runs', Icon: SquareTerminal },
  { href: '/tasks', label: 'tasks', Icon: ListTree },
  { href: '/audit', label: 'audit', Icon: ScrollText },
  { href: '/changes', label: 'changes', Icon: BookOpenCheck },
]

/** Where one can go. What a person may never use is left out; the server decides all the same. */
export function Nav({ onNavigate }: { onNavigate?: () => void }) {
  const t = useTranslations('shell.nav')
  const path = usePathname()
  const { data: me } = useQuery(meQuery())
  const shown = entries.filter(
    ({ label }) =>
      ((label !== 'approvals' && label !== 'rings') || me?.can.approve) &&
      (label !== 'tasks' || me?.can.startRuns) &&
      (label !== 'audit' || me?.can.seeAudit),
  )
  return (
    <nav aria-label={t('label')}>
      <ul className="grid gap-0.5">
        {shown.map(({ href, label, Icon, also = [] }) => {
          const current = [href, ...also].some((own) => path === own || path.startsWith(`${own}/`))
          return (
            <li key={href}>
              <Link
                href={href}
                onClick={onNavigate}
                aria-current={current ? 'page' : undefined}
                className={classes(
                  'flex h-10 items-center gap-3 rounded-lg px-3 font-medium',
                  current ? 'bg-accent-soft text-accent-strong' : 'text-ink hover:bg-raised',
                )}
              >
                <Icon size={18} aria-hidden />
                <span className="flex-1">{t(label)}</span>
                {label === 'approvals' ? <PendingCount /> : null}
              </Link>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}

function PendingCount() {
  const t = useTranslations('shell.nav')
  const { data } = useQuery(bindingsQuery())
  const waiting = data?.filter((binding) => binding.can.includes('decide')).length ?? 0
  if (waiting === 0) return null
  return (
    <span
      role="status"
      aria-label={t('waiting', { count: waiting })}
      className="min-w-6 rounded-full bg-accent px-1.5 text-center text-[0.8rem] font-semibold text-on-accent tabular-nums"
    >
      {waiting}
    </span>
  )
}
