import type { Person } from '#server/platform/auth/session.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { processState } from './process-state.ts'

/** What keeps the answer from being known: the sign-in provider or the database is away. */
export type Away = { message: string; key?: string }

/** Who is signed in, for a page that is being rendered; neither for nobody. */
export async function signedInPerson(
  cookieHeader: string | undefined,
): Promise<{ person?: Person; away?: Away }> {
  const { sessions, log } = processState()
  try {
    return { person: (await sessions.of(cookieHeader))?.person }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.code === 'unauthenticated') return {}
    if (error.code !== 'unavailable') throw error
    log.warn({ err: error }, 'page could not be served')
    return { away: { message: error.message, key: error.details.key } }
  }
}
