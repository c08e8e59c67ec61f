import { cookies, headers } from 'next/headers'
import { notFound, redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { DataProvider } from '#components/data/data-provider.tsx'
import { LiveLists } from '#components/data/live-lists.tsx'
import { themeCookie } from '#components/i18n/languages.ts'
import { PageAway } from '#components/shell/page-away.tsx'
import { Shell } from '#components/shell/shell.tsx'
import { Toasts } from '#components/shell/toasts.tsx'
import { requestIdHeader, targetHeader } from '#server/platform/http/trusted-proxy.ts'
import { signedInPerson } from '#server/processes/web/signed-in-person.ts'

/** Of a file that is gone, such as a script of the release before: who asks for it cannot sign in. */
const fileAddress = /^\/(_next\/|[^/?]+\.[^/?]+(\?|$))/

/** Every page in here is for someone who has signed in; what each may see is decided behind the API. */
export default async function SignedInLayout({ children }: { children: ReactNode }) {
  const asked = await headers()
  const { person, away } = await signedInPerson(asked.get('cookie') ?? undefined)
  if (away) return <PageAway reason={away} requestId={asked.get(requestIdHeader) ?? ''} />
  if (!person) {
    const target = asked.get(targetHeader)
    if (target && fileAddress.test(target)) notFound()
    redirect(signInPath(target))
  }
  const theme = (await cookies()).get(themeCookie)?.value
  return (
    <DataProvider>
      <LiveLists>
        <Shell theme={theme === 'light' || theme === 'dark' ? theme : 'system'}>{children}</Shell>
        <Toasts />
      </LiveLists>
    </DataProvider>
  )
}

/** Whoever comes by a link is brought to where it leads, after signing in. */
function signInPath(target: string | null): string {
  if (!target) return '/sign-in'
  const [path = '', search = ''] = target.split('?', 2)
  const query = new URLSearchParams(search)
  // Next's own, of a page that was asked for by another one.
  query.delete('_rsc')
  const callbackUrl = query.size > 0 ? `${path}?${query}` : path
  return `/sign-in?${new URLSearchParams({ callbackUrl })}`
}
