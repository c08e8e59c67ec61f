import { processState } from './process-state.ts'
import type { Person } from './session.ts'

/** Who is signed in, for a page that is being rendered; undefined for nobody. */
export function signedInPerson(cookieHeader: string | undefined): Promise<Person | undefined> {
  return processState().sessions.personOf(cookieHeader)
}
