import type { Language } from './languages.ts'

const parts = [
  'ui',
  'errors',
  'shell',
  'auth',
  'access',
  'approvals',
  'models',
  'rings',
  'runs',
  'failures',
  'playground',
  'conversations',
  'reasoning',
  'presets',
  'code',
  'run-code',
  'vote',
  'check',
  'changes',
  'audit',
  'inbox',
] as const

export type Messages = Record<string, unknown>

/** All words of one language: a file per feature, each under its own name. */
export async function loadMessages(language: Language): Promise<Messages> {
  const entries = await Promise.all(
    parts.map(async (part) => {
      const file = await import(`./messages/${language}/${part}.json`)
      return [part, file.default] as const
    }),
  )
  return Object.fromEntries(entries)
}
