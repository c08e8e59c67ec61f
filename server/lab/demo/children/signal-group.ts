/** Tells all of a process group; one that is gone already has nothing to be told. */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // That is what was wanted.
  }
}
