/** Why something ended, as one sentence for the person at the terminal; a library's own words where there are none. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? error.code : undefined
  const path = 'path' in error ? String(error.path) : 'A file'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return `${path} cannot be written to: remove what another account left there, or start in a folder of yours.`
  }
  if (code === 'ENOSPC') return 'The disk is full: make room, and start again.'
  return error.message
}
