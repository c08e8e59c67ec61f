import type { NextAuthOptions } from 'next-auth'
import type { Log } from '#server/log.ts'

/**
 * What next-auth has to say, as lines of our log. Its own way prints what a request brought as it is, so that anybody
 * could write lines of their own.
 */
export function authLogger(log: Log): NonNullable<NextAuthOptions['logger']> {
  return {
    error(code, metadata) {
      const err = metadata instanceof Error ? metadata : metadata.error
      log.warn({ code, err }, 'a sign-in went wrong')
    },
    warn: (code) => log.warn({ code }, 'next-auth warns'),
    debug: () => {},
  }
}
