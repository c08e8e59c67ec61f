// Outlives the cluster by a moment: when its stdin closes, however the cluster ended, every container dies.
// Lines are `+PID` and `-PID` of process groups; argv[2] is the mark in the environment of all containers.
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const mark = `DEVCLUSTER_ID=${process.argv[2]}`
const groups = new Set()

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}

/** Finds also what left its process group, and what started while the cluster died. */
function marked() {
  const found = []
  try {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
        if (Number(pid) !== process.pid && environment.includes(mark)) found.push(Number(pid))
      } catch {
        // Ended meanwhile, or not ours to see.
      }
    }
  } catch {
    // No /proc on this system: the groups have to do.
  }
  return found
}

process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const pid = Number(line.slice(1))
    if (line.startsWith('+')) groups.add(pid)
    else groups.delete(pid)
  })
  .on('close', () => {
    for (const pid of groups) kill(-pid)
    for (const pid of marked()) kill(pid)
    process.exit(0)
  })
