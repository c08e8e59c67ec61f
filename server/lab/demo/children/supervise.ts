import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { signalGroup } from './signal-group.ts'

export type Command = {
  name: string
  command: string
  args: string[]
  cwd: string
  env: NodeJS.ProcessEnv
  /** What it prints goes here; the terminal stays for people. */
  logFile: string
}

export type Supervised = {
  /** Process id of the current life. */
  pid(): number | undefined
  /** Ends the current life; the next one follows. */
  restart(): void
  stop(): Promise<void>
}

const killAfterMs = 8000
const fastestRestartMs = 500

/**
 * Keeps one process running: a crash is followed by a new life, SIGTERM ends it for good, SIGKILL follows where it
 * does not listen. `onExit` hears of every unexpected end.
 */
export function supervise(
  command: Command,
  options: {
    restart: boolean
    onExit: (reason: string) => void
    onStart?: (pid: number) => void
  },
): Supervised {
  const log = createWriteStream(command.logFile, { flags: 'a' })
  let child: ChildProcess | undefined
  let stopping = false
  let timer: NodeJS.Timeout | undefined

  function start() {
    const started = spawn(command.command, command.args, {
      cwd: command.cwd,
      env: command.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own group: Ctrl-C reaches us alone, and we end everything in order.
      detached: true,
    })
    child = started
    if (started.pid !== undefined) options.onStart?.(started.pid)
    started.stdout?.pipe(log, { end: false })
    started.stderr?.pipe(log, { end: false })
    started.on('error', (error) => log.write(`${error.message}\n`))
    started.on('close', (code, signal) => {
      child = undefined
      if (stopping) return
      options.onExit(signal ?? `code ${code}`)
      if (options.restart) timer = setTimeout(start, fastestRestartMs)
    })
  }

  start()
  return {
    pid: () => child?.pid,
    restart: () => signalGroup(child?.pid, 'SIGTERM'),
    async stop() {
      stopping = true
      clearTimeout(timer)
      const running = child
      if (running?.pid !== undefined && running.exitCode === null) {
        const closed = once(running, 'close')
        signalGroup(running.pid, 'SIGTERM')
        const hard = setTimeout(() => signalGroup(running.pid, 'SIGKILL'), killAfterMs)
        await closed
        clearTimeout(hard)
      }
      await new Promise((resolve) => log.end(resolve))
    },
  }
}
