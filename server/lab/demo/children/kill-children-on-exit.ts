import { spawn } from 'node:child_process'
import { join } from 'node:path'

export type ChildGuard = {
  hold(group: number): void
  /** It has ended by itself: its number may be another's soon. */
  letGo(group: number): void
  /** Ends all that is held. */
  release(): void
}

/** Holds process groups so that none outlives this process, not even where it is killed outright. */
export function killChildrenOnExit(): ChildGuard {
  const keeper = spawn(process.execPath, [join(import.meta.dirname, 'kill-children-on-exit.mjs')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  keeper.unref()
  // A keeper that is gone has nothing to be told any more.
  keeper.stdin.on('error', () => undefined)
  return {
    hold: (group) => void keeper.stdin.write(`${group}\n`),
    letGo: (group) => void keeper.stdin.write(`-${group}\n`),
    release: () => void keeper.stdin.end(),
  }
}
