import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { RunningDemo } from '#e2e/support/run-demo.ts'
import { rounded } from './numbers.ts'
import { memoryMb, processesUnder } from './process-tree.ts'

export type ColdStart = {
  steps: { what: string; seconds: number }[]
  memory: { process: string; MB: number }[]
}

const names: [string, RegExp][] = [
  ['web', / web$/],
  ['controller', / controller$/],
  ['gateway', / gateway$/],
  ['embedded cluster', /run-cluster/],
  ['demo engine', /demo-engine\.js$/],
  ['PostgreSQL', /postgres -D/],
]

/** The demo's own words about each of its steps, the whole, and the web alone after it was killed. */
export async function measureColdStart(demo: RunningDemo, lines: string[]): Promise<ColdStart> {
  const steps = lines.flatMap((line) => {
    const [, what, seconds] = /✓ (.+) \(([\d.]+) s\)/.exec(line) ?? []
    return what ? [{ what, seconds: Number(seconds) }] : []
  })
  const memory = processesUnder(demo.pid).flatMap(({ pid, args }) => {
    const name = names.find(([, pattern]) => pattern.test(args))?.[0]
    return name ? [{ process: name, MB: Math.round(memoryMb(pid)) }] : []
  })
  const whole = { what: 'From the command to a healthy answer', seconds: demo.startMs / 1000 }
  const web = {
    what: 'The web, killed, until it is healthy again',
    seconds: await restartWeb(demo),
  }
  return {
    steps: [...steps, whole, web].map(({ what, seconds }) => ({ what, seconds: rounded(seconds) })),
    memory,
  }
}

async function restartWeb(demo: RunningDemo): Promise<number> {
  const startedMs = performance.now()
  process.kill(Number(readFileSync(join(demo.stateDir, 'web.pid'), 'utf8')), 'SIGKILL')
  for (;;) {
    await setTimeout(10)
    // The socket of the killed process may still be taken for a moment.
    const answer = await fetch(`${demo.url}/api/health`).catch(() => undefined)
    if (answer?.ok) return (performance.now() - startedMs) / 1000
  }
}
