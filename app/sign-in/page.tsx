import type { Metadata } from 'next'
import { cookies } from 'next/headers'
import { getTranslations } from 'next-intl/server'
import { DataProvider } from '#components/data/data-provider.tsx'
import { themeCookie } from '#components/i18n/languages.ts'
import { Preferences } from '#components/shell/preferences.tsx'
import { SignIn } from '#components/shell/sign-in.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('auth'))('title') }
}

export default async function Page() {
  const t = await getTranslations()
  const theme = (await cookies()).get(themeCookie)?.value
  return (
    <main className="mx-auto grid min-h-dvh max-w-[44rem] content-center gap-8 p-6">
      <header className="flex flex-wrap items-start justify-between gap-4">
        <div>
          <h1 className="text-[2.2rem] leading-tight font-semibold tracking-tight">Bindery</h1>
          <p className="text-muted">{t('shell.tagline')}</p>
        </div>
        <Preferences theme={theme === 'light' || theme === 'dark' ? theme : 'system'} />
      </header>
      <DataProvider>
        <SignIn />
      </DataProvider>
    </main>
  )
}
