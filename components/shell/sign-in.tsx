'use client'
import { useQuery } from '@tanstack/react-query'
import { KeyRound, Presentation, ShieldCheck, Telescope } from 'lucide-react'
import { useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { signInOptionsQuery } from '#components/data/queries.ts'
import { request } from '#components/data/request.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import type { PersonView, SignInView } from '#server/platform/auth/views/sign-in.ts'
import { safeReturn } from './safe-return.ts'

/** What the server says in `?error=`; every other has the same words. */
const failures = [
  ...(['NoUserName', 'UnreadableName', 'EmailNotVerified', 'ReservedName'] as const),
  ...(['TooManyGroups', 'GroupsNotListed', 'AccessDenied', 'SignInExpired'] as const),
  ...(['ProviderAway', 'ProviderRefusesClient', 'ProviderUnusable'] as const),
]

const icons = { researcher: Telescope, lecturer: Presentation, admin: ShieldCheck }

/** The demo's people to choose from, or the organisation's own sign-in: never both. */
export function SignIn() {
  const t = useTranslations('auth')
  const search = useSearchParams()
  const returnTo = safeReturn(search.get('callbackUrl'))
  const failure = search.get('error')
  const { busy, failed, signIn } = useSignIn(returnTo)
  const { data, error, refetch } = useQuery(signInOptionsQuery())
  return (
    <div className="grid gap-5">
      {failed ? (
        <ErrorNote error={failed} />
      ) : failure ? (
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
          <Button look="primary" aria-busy={busy !== ''} onClick={() => void signIn(undefined)}>
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
                <PersonCard
                  person={person}
                  busy={busy === person.id}
                  onChoose={(id) => void signIn(id)}
                />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function failureWords(failure: string) {
  return failures.find((one) => one === failure) ?? 'failed'
}

/** Leaves for the provider, or for the page that was wanted once one of the demo's people is signed in. */
function useSignIn(returnTo: string) {
  const [busy, setBusy] = useState('')
  const [failed, setFailed] = useState<unknown>()
  async function signIn(person: string | undefined) {
    setBusy(person ?? 'sso')
    setFailed(undefined)
    try {
      const { url } = person
        ? await request<SignInView>('POST', '/api/sign-in/demo', { person })
        : await request<SignInView>('POST', '/api/sign-in', { returnTo })
      window.location.assign(url ?? returnTo)
    } catch (error) {
      setBusy('')
      setFailed(error)
    }
  }
  return { busy, failed, signIn }
}

function PersonCard({
  person,
  busy,
  onChoose,
}: {
  person: PersonView
  busy: boolean
  onChoose: (person: string) => void
}) {
  const t = useTranslations('auth')
  const role = person.role in icons ? (person.role as keyof typeof icons) : 'researcher'
  const Icon = icons[role]
  return (
    <button
      type="button"
      aria-busy={busy}
      aria-label={t('as', { name: person.name })}
      onClick={() => onChoose(person.id)}
      className="grid h-full w-full content-start gap-2 rounded-card border border-line bg-surface p-4 text-left transition-colors hover:border-accent aria-busy:opacity-60"
    >
      <Icon size={22} aria-hidden className="text-accent" />
      <span className="font-semibold">{person.name}</span>
      <span className="text-muted">{t(`roles.${role}`, { group: person.group })}</span>
      <span className="text-[0.9rem]">{t(`try.${role}`)}</span>
    </button>
  )
}
