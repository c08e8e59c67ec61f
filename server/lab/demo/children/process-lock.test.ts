import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { takeLock } from './lock.ts'
import { acquireProcessLock, waitForProcessLock } from './process-lock.ts'

const never = new AbortController().signal

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bindery-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return dir
}

test('whoever comes second waits until the first lets go, and nobody else is let in meanwhile', async () => {
  const name = scratch()
  const first = await acquireProcessLock(name)
  expect(await acquireProcessLock(name)).toBeUndefined()
  let isIn = false
  const second = waitForProcessLock(name, never).then((letGo) => {
    isIn = true
    return letGo
  })
  const impatient = new AbortController()
  const third = waitForProcessLock(name, impatient.signal)
  impatient.abort()
  await expect(third).rejects.toThrow('aborted')
  expect(isIn).toBe(false)
  await first?.()
  const letGo = await second
  expect(await acquireProcessLock(name)).toBeUndefined()
  await letGo()
})

test('a holder that was killed outright holds nothing, and the demo of a folder is named until then', async () => {
  const file = join(scratch(), 'demo.pid')
  const script = `
    import { takeLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))}
    await takeLock(${JSON.stringify(file)})
    console.log('held')
    setInterval(() => undefined, 1000)`
  const holder = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(holder.stdout, 'data')
  await expect(takeLock(file)).rejects.toThrow(
    `The demo runs in this folder already (process ${holder.pid}): stop it first`,
  )
  holder.kill('SIGKILL')
  const unlock = await vi.waitFor(() => takeLock(file), { timeout: 30_000 })
  await expect(takeLock(file)).rejects.toThrow(`(process ${process.pid})`)
  await unlock()
  await (await takeLock(file))()
})
