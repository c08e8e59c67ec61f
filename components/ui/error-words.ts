import { useTranslations } from 'next-intl'
import { AppError } from '#server/platform/model/errors.ts'

type Said = { key?: string; values?: Record<string, string | number>; message: string }

/** What a server said, in the reader's language where the message files know its key; else its own words. */
export function useErrorWords(): (said: Said) => string {
  const t = useTranslations('errors')
  return ({ key, values, message }) => (key && t.has(key) ? t(key, values) : message)
}

/** Why something was not done, in a few words of the reader's language. */
export function useFailureWords(): (error: Error, otherwise: string) => string {
  const wordsOf = useErrorWords()
  return (error, otherwise) =>
    (error instanceof AppError ? wordsOf({ ...error.details, message: error.message }) : '') ||
    otherwise
}
