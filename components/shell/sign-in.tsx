'use client'
import { useQuery } from '@tanstack/react-query'
import { KeyRound, Presentation, ShieldCheck, Telescope } from 'lucide-react'
import { useSearchParams } from 'next/navigation'
import { signIn } from 'next-auth/react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { signInOptionsQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import type { PersonView } from '#server/domain/views.ts'
import { safeReturn } from './safe-return.ts'

const refusals = ['NoUserName', 'EmailNotVerified', 'ReservedName', 'TooManyGroups'] as const

const icons = { researcher: Telescope, lecturer: Presentation, admin: ShieldCheck }

/** The demo's people to choose from, or the organisation's own sign-in: never both. */
export function SignIn() {
  const t = useTranslations('auth')
  const search = useSearchParams()
  const callbackUrl = safeReturn(search.get('callbackUrl'))
  const failure = search.get('error')
  const { data, error, refetch } = useQuery(signInOptionsQuery())
  return (
    <div className="grid gap-5">
      {failure ? (
        <p role="alert" className="rounded-card bg-bad-soft px-4 py-3 text-bad">
          {t(failureWords(failure))}
        </p>
      ) : null}
      {error ? (
        <ErrorNote error={error} onRetry={refetch} />
      ) : !data ? (
        <Skeleton label={t('loading')} />
      ) : data.sso ? (
        <>
          <p className="text-muted">{t('ssoLead')}</p>
          <Button look="primary" onClick={() => signIn('oidc', { callbackUrl })}>
            <KeyRound size={18} aria-hidden />
            {t('sso', { name: data.sso.name })}
          </Button>
        </>
      ) : (
        <>
          <p className="text-muted">{t('lead')}</p>
          <ul className="grid gap-3 sm:grid-cols-2">
            {data.people.map((person) => (
              <li key={person.id}>
                <PersonCard person={person} callbackUrl={callbackUrl} />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

/** The provider's and our own reasons; what next-auth says besides them helps nobody. */
function failureWords(failure: string) {
  if (failure === 'AccessDenied') return 'denied'
  return refusals.find((one) => one === failure) ?? 'failed'
}

function PersonCard({ person, callbackUrl }: { person: PersonView; callbackUrl: string }) {
  const t = useTranslations('auth')
  const [busy, setBusy] = useState(false)
  const role = person.role in icons ? (person.role as keyof typeof icons) : 'researcher'
  const Icon = icons[role]
  return (
    <button
      type="button"
      aria-busy={busy}
      aria-label={t('as', { name: person.name })}
      onClick={() => {
        setBusy(true)
        void signIn('demo', { person: person.id, callbackUrl })
      }}
      className="grid h-full w-full content-start gap-2 rounded-card border border-line bg-surface p-4 text-left transition-colors hover:border-accent aria-busy:opacity-60"
    >
      <Icon size={22} aria-hidden className="text-accent" />
      <span className="font-semibold">{person.name}</span>
      <span className="text-muted">{t(`roles.${role}`, { group: person.group })}</span>
      <span className="text-[0.9rem]">{t(`try.${role}`)}</span>
    </button>
  )
}
