import { readdirSync, readFileSync } from 'node:fs'

export type Process = { pid: number; parent: number; args: string }

const ticksPerSecond = 100

/** A process and all that it started, from /proc; empty where there is none (Linux alone has it). */
export function processesUnder(root: number): Process[] {
  const all = allProcesses()
  const found: Process[] = []
  const waiting = [root]
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    const one = all.find((process) => process.pid === pid)
    if (one) found.push(one)
    waiting.push(...all.filter(({ parent }) => parent === pid).map((child) => child.pid))
  }
  return found
}

/** Milliseconds of CPU, user and system, that these processes have used so far. */
export function cpuMs(pids: number[]): number {
  let ticks = 0
  for (const pid of pids) {
    const [utime, stime] = statOf(pid).slice(11, 13).map(Number)
    ticks += (utime ?? 0) + (stime ?? 0)
  }
  return (ticks * 1000) / ticksPerSecond
}

/** Resident memory in MB. */
export function memoryMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kb ?? 0) / 1024
}

/** Whether a process runs in this pod: a container's host name is that of its pod. */
export function isInPod(pid: number, pod: string): boolean {
  return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOSTNAME=${pod}`)
}

function allProcesses(): Process[] {
  let names: string[] = []
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
  return names.flatMap((name) => {
    try {
      const pid = Number(name)
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      return [{ pid, parent: Number(statOf(pid)[1]), args }]
    } catch {
      // It ended while we looked.
      return []
    }
  })
}

/** The fields of /proc/PID/stat from the state on (see proc(5)): the name before them may hold spaces. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}
