import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { DataProvider } from '#components/data/data-provider.tsx'
import { LiveLists } from '#components/data/live-lists.tsx'
import { themeCookie } from '#components/i18n/languages.ts'
import { Shell } from '#components/shell/shell.tsx'
import { Toasts } from '#components/shell/toasts.tsx'
import { signedInPerson } from '#server/web/signed-in-person.ts'

/** Every page in here is for someone who has signed in; what each may see is decided behind the API. */
export default async function SignedInLayout({ children }: { children: ReactNode }) {
  const cookieHeader = (await headers()).get('cookie') ?? undefined
  if (!(await signedInPerson(cookieHeader))) redirect('/sign-in')
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
