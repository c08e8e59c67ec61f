import { LRUCache } from 'lru-cache'
import { batched } from '#server/platform/time/batched.ts'
import { hashOfToken } from './session-cookie.ts'

/** The id of the session that a token belongs to; undefined where the database knows none. */
export type FindSession = (token: string | undefined) => Promise<string | undefined>

const keptMax = 10_000

/**
 * Finds sessions by their tokens. A token belongs to one session for good, so what was found is cached; whether that
 * session is still open is asked each time, elsewhere. Invented tokens cost one query at a time, shared by all.
 */
export function sessionFinder(
  idsOf: (hashes: string[]) => Promise<Map<string, string>>,
): FindSession {
  const found = new LRUCache<string, string>({ max: keptMax })
  const find = batched(idsOf)

  return async (token) => {
    const hash = hashOfToken(token)
    if (hash === undefined) return undefined
    const known = found.get(hash)
    if (known !== undefined) return known
    const id = (await find(hash)).get(hash)
    if (id !== undefined) found.set(hash, id)
    return id
  }
}
