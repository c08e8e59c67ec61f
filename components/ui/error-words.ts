import { useTranslations } from 'next-intl'

type Said = { key?: string; values?: Record<string, string | number>; message: string }

/** What a server said, in the reader's language where the message files know its key; else its own words. */
export function useErrorWords(): (said: Said) => string {
  const t = useTranslations('errors')
  return ({ key, values, message }) => (key && t.has(key) ? t(key, values) : message)
}
