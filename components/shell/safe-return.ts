import { ownPath } from '#server/platform/model/same-site-path.ts'

/** Where to go after signing in: a path of this site, whatever the address bar was made to say. */
export function safeReturn(wanted: string | null): string {
  const origin = globalThis.location?.origin ?? 'http://same.invalid'
  return (wanted && ownPath(wanted, origin)) || '/access'
}
