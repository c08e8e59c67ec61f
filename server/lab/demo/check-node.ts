const oldest = [20, 19] as const

/** Imports nothing: an older Node fails in the middle of some library, with words that help nobody. */
export function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = oldest
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new Error(`Node ${version} is too old: Bindery needs ${oldest.join('.')} or newer.`)
  }
}
