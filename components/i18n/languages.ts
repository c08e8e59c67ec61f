export const languages = ['en', 'zh-CN'] as const
export type Language = (typeof languages)[number]

export const languageCookie = 'bindery-language'
export const themeCookie = 'bindery-theme'

/** The cookie's choice, else the first of the browser's languages that we speak, else English. */
export function chooseLanguage(
  cookie: string | undefined,
  acceptLanguage: string | null,
): Language {
  const chosen = languages.find((language) => language === cookie)
  if (chosen) return chosen
  for (const part of (acceptLanguage ?? '').split(',')) {
    const tag = part.split(';')[0]?.trim().toLowerCase() ?? ''
    if (tag.startsWith('zh')) return 'zh-CN'
    if (tag.startsWith('en')) return 'en'
  }
  return 'en'
}
