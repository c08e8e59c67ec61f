'use client'
import { Languages, Moon, Sun, SunMoon } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { languageCookie, themeCookie } from '#components/i18n/languages.ts'
import { Button } from '#components/ui/button.tsx'

const yearSeconds = 365 * 24 * 3600

function remember(cookie: string, value: string) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that we serve.
  document.cookie = `${cookie}=${value}; path=/; max-age=${yearSeconds}; samesite=lax`
}

const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** Language and theme, kept in cookies so that the server paints the right page at once. */
export function Preferences({ theme: initial }: { theme: Theme }) {
  const t = useTranslations('shell')
  const router = useRouter()
  const locale = useLocale()
  const [theme, setTheme] = useState<Theme>(initial)

  function nextTheme() {
    const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system'
    setTheme(next)
    remember(themeCookie, next)
    if (next === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = next
  }

  function otherLanguage() {
    remember(languageCookie, locale === 'en' ? 'zh-CN' : 'en')
    router.refresh()
  }

  const Icon = theme === 'dark' ? Moon : theme === 'light' ? Sun : SunMoon
  return (
    <div className="flex gap-1">
      <Button
        look="quiet"
        size="small"
        onClick={nextTheme}
        aria-label={t('theme.label', { theme: t(`theme.${theme}`) })}
        title={t(`theme.${theme}`)}
      >
        <Icon size={17} aria-hidden />
      </Button>
      <Button
        look="quiet"
        size="small"
        onClick={otherLanguage}
        lang={locale === 'en' ? 'zh-CN' : 'en'}
      >
        <Languages size={17} aria-hidden />
        {t('otherLanguage')}
      </Button>
    </div>
  )
}
