/**
 * The path, query and fragment of an address that stays on this site; undefined for every other. Judged as a browser
 * reads it, to which `/\tx`, `/\x` and `//x` are all another host.
 */
export function ownPath(wanted: string, origin: string): string | undefined {
  if (!URL.canParse(wanted, origin)) return undefined
  const url = new URL(wanted, origin)
  // A path that would be another host where it is read once more.
  if (url.origin !== new URL(origin).origin || url.pathname.startsWith('//')) return undefined
  return url.pathname + url.search + url.hash
}
