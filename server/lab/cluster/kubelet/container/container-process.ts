import { execFile, spawn } from 'node:child_process'
import { closeSync, constants, openSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { constants as osConstants } from 'node:os'
import { promisify } from 'node:util'
import type { ContainerLog } from '#server/lab/cluster/kubelet/log/container-log.ts'
import type { Reaper } from '#server/lab/cluster/kubelet/reaper.ts'

const drainMs = 500

export type ContainerProcess = {
  readonly pid: number
  /** The exit code, 128 + number for a signal; resolves when the log is complete. */
  readonly exited: Promise<number>
  /** To the main process, as a container runtime does. */
  signal(name: NodeJS.Signals): void
  /** SIGKILL to the whole process group. */
  kill(): void
}

export type ProcessOptions = {
  command: string[]
  env: Record<string, string>
  cwd: string
  log: ContainerLog
  /** A path that is free for a named pipe. */
  pipePath: string
  reaper: Reaper
}

/** Rejects with the system's error where the command cannot be started. */
export async function startProcess(options: ProcessOptions): Promise<ContainerProcess> {
  const { log, reaper } = options
  // One real pipe for both outputs: order is kept, and `echo > /dev/stderr` works, which it does not on a socket.
  await promisify(execFile)('mkfifo', ['-m', '600', options.pipePath])
  const readEnd = openSync(options.pipePath, constants.O_RDONLY | constants.O_NONBLOCK)
  const writeEnd = openSync(options.pipePath, constants.O_WRONLY)
  unlinkSync(options.pipePath)

  const output = new Socket({ fd: readEnd, readable: true, writable: false })
  output.on('data', (chunk) => log.append(chunk))
  output.on('error', () => {})
  const drained = new Promise<void>((resolve) => output.once('close', () => resolve()))

  const [file = '', ...args] = options.command
  const child = spawn(file, args, {
    cwd: options.cwd,
    // Next's types demand NODE_ENV of every environment.
    env: Object.assign({} as NodeJS.ProcessEnv, options.env, { DEVCLUSTER_ID: reaper.clusterId }),
    stdio: ['ignore', writeEnd, writeEnd],
    detached: true,
  })
  closeSync(writeEnd)
  const ended = new Promise<number>((resolve) =>
    child.once('exit', (code, name) =>
      resolve(code ?? 128 + (name ? osConstants.signals[name] : 0)),
    ),
  )
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => {
      output.destroy()
      log.end()
      reject(error)
    })
  })
  const pid = child.pid ?? 0
  reaper.watch(pid)

  async function finish(): Promise<number> {
    const code = await ended
    // With its first process a container ends, and with it everything that it started.
    killGroup(pid)
    const timer = setTimeout(() => output.destroy(), drainMs)
    await drained
    clearTimeout(timer)
    reaper.forget(pid)
    log.end()
    return code
  }

  return {
    pid,
    exited: finish(),
    signal: (name) => void child.kill(name),
    kill: () => killGroup(pid),
  }
}

function killGroup(pid: number) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group is empty already.
  }
}
