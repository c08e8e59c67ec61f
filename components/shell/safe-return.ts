/** Where to go after signing in: a path of this site, whatever the address bar was made to say. */
export function safeReturn(wanted: string | null): string {
  if (!wanted) return '/access'
  const base = 'http://same.invalid'
  try {
    const url = new URL(wanted, base)
    const own = url.origin === base || url.origin === globalThis.location?.origin
    return own ? url.pathname + url.search + url.hash : '/access'
  } catch {
    return '/access'
  }
}
