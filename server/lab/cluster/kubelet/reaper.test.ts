import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'reaper-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

// The container starts one process in its group and one that leaves it.
const cluster = (folder: string, at: string) => `
import { createContainerLog } from ${JSON.stringify(`${folder}/log/container-log.ts`)}
import { startProcess } from ${JSON.stringify(`${folder}/container/container-process.ts`)}
import { startReaper } from ${JSON.stringify(`${folder}/reaper.ts`)}

const log = createContainerLog({ path: ${JSON.stringify(`${at}/log`)}, bytesMax: 1e6, rewrite: (line) => line })
const reaper = startReaper('reaper-test-' + process.pid, new AbortController().signal)
const { pid } = await startProcess({
  command: ['sh', '-c', 'setsid sleep 1000 & sleep 1000'],
  env: { PATH: '/usr/bin:/bin' },
  cwd: '/',
  log,
  pipePath: ${JSON.stringify(`${at}/pipe`)},
  reaper,
})
console.log(pid)
`

test('containers die with a cluster that is killed', async () => {
  const script = join(directory, 'cluster.mts')
  writeFileSync(script, cluster(import.meta.dirname, directory))
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const marked = () => processesWith(`DEVCLUSTER_ID=reaper-test-${child.pid}`)
  await vi.waitFor(() => expect(marked().length).toBe(3), { timeout: 30_000 })
  expect(marked()).toContain(line)
  child.kill('SIGKILL')
  await vi.waitFor(() => expect(marked()).toEqual([]), { timeout: 30_000 })
})

function processesWith(variable: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => environment(pid).includes(variable))
}

function environment(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
  } catch {
    return []
  }
}
