import type { Person } from '#server/platform/auth/session.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { processState } from './process-state.ts'

/** Who is signed in, for a page that is being rendered; undefined for nobody. */
export async function signedInPerson(
  cookieHeader: string | undefined,
): Promise<Person | undefined> {
  const session = await processState()
    .sessions.of(cookieHeader)
    .catch((error) => {
      if (error instanceof AppError && error.code === 'unauthenticated') return undefined
      throw error
    })
  return session?.person
}
