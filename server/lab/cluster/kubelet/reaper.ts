import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export type Reaper = {
  /** Marks the environment of every container. */
  readonly clusterId: string
  watch(pid: number): void
  forget(pid: number): void
}

/** One small process that kills all containers when this process ends in whatever way, SIGKILL included. */
export function startReaper(clusterId: string, signal: AbortSignal): Reaper {
  const script = fileURLToPath(new URL('./reaper.mjs', import.meta.url))
  const alive = new Set<number>()

  function start() {
    const child = spawn(process.execPath, [script, clusterId], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      // Next's types demand NODE_ENV of every environment.
      env: {} as NodeJS.ProcessEnv,
    })
    child.on('error', () => {})
    child.stdin.on('error', () => {})
    child.unref()
    // A pipe of a child keeps the parent alive unless it is told not to.
    if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
    for (const pid of alive) child.stdin.write(`+${pid}\n`)
    child.on('exit', () => {
      if (!signal.aborted) current = start()
    })
    return child
  }

  let current = start()
  signal.addEventListener('abort', () => {
    if (alive.size === 0) current.stdin.end()
  })
  return {
    clusterId,
    watch(pid) {
      alive.add(pid)
      current.stdin.write(`+${pid}\n`)
    },
    forget(pid) {
      alive.delete(pid)
      current.stdin.write(`-${pid}\n`)
      if (signal.aborted && alive.size === 0) current.stdin.end()
    },
  }
}
