import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createContainerLog } from '#server/lab/cluster/kubelet/log/container-log.ts'
import { startReaper } from '#server/lab/cluster/kubelet/reaper.ts'
import { startProcess } from './container-process.ts'

let directory: string
let end: AbortController
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'container-'))
  end = new AbortController()
})
afterEach(() => {
  end.abort()
  rmSync(directory, { recursive: true })
})

async function start(script: string) {
  const path = join(directory, '0.log')
  const log = createContainerLog({ path, bytesMax: 1e7, rewrite: (line) => line })
  const process = await startProcess({
    command: ['sh', '-c', script],
    env: { PATH: '/usr/bin:/bin' },
    cwd: directory,
    log,
    pipePath: join(directory, 'pipe'),
    reaper: startReaper(randomUUID(), end.signal),
  })
  const lines = () =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.slice(33))
  return { process, lines }
}

test('both outputs keep their order, also through /dev/stderr', async () => {
  const { process, lines } = await start(
    'for i in 1 2 3; do echo out $i; echo err $i >&2; echo dev $i > /dev/stderr; done; exit 3',
  )
  expect(await process.exited).toBe(3)
  expect(lines()).toEqual([1, 2, 3].flatMap((i) => [`out ${i}`, `err ${i}`, `dev ${i}`]))
})

test('what the container started ends with it', async () => {
  const { process, lines } = await start('sleep 1000 & echo $!; exit 0')
  expect(await process.exited).toBe(0)
  // Gone, or dead and waiting for init to notice.
  await vi.waitFor(() => expect(stateOf(lines()[0] ?? '')).toMatch(/^(gone|Z)$/), 30_000)
})

test('a signal counts as 128 and its number', async () => {
  const { process } = await start('sleep 1000')
  process.signal('SIGTERM')
  expect(await process.exited).toBe(143)
})

test('a command that does not exist is refused', async () => {
  const log = createContainerLog({
    path: join(directory, 'x.log'),
    bytesMax: 1e7,
    rewrite: (l) => l,
  })
  const reaper = startReaper(randomUUID(), end.signal)
  await expect(
    startProcess({
      command: ['no-such-command'],
      env: { PATH: '/bin' },
      cwd: directory,
      log,
      pipePath: join(directory, 'p'),
      reaper,
    }),
  ).rejects.toThrow('ENOENT')
})

function stateOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] ?? ''
  } catch {
    return 'gone'
  }
}
