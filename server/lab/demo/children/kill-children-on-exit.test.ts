import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'

test('what was held ends with a holder that is killed outright', async () => {
  const script = `
    import { spawn } from 'node:child_process'
    import { killChildrenOnExit } from ${JSON.stringify(join(import.meta.dirname, 'kill-children-on-exit.ts'))}
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
    killChildrenOnExit().hold(child.pid)
    console.log(child.pid)
    setInterval(() => undefined, 1000)`
  const holder = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [said] = await once(holder.stdout, 'data')
  const held = Number(String(said))
  expect(process.kill(held, 0)).toBe(true)
  holder.kill('SIGKILL')
  await vi.waitFor(() => expect(() => process.kill(held, 0)).toThrow('ESRCH'), { timeout: 30_000 })
})
