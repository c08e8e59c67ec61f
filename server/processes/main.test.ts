import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** As `bindery …` of the image does. */
async function bindery(...args: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const main = join(import.meta.dirname, 'main.ts')
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'test',
    PATH: process.env.PATH,
    KUBECONFIG: '/nonexistent',
  }
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { env })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.err += chunk
  })
  const [code] = await once(child, 'close')
  return { code, ...said }
}

test.each(['doctor', 'audit-verify', 'verify-receipt'])(
  '%s --help says how to use it, and touches nothing',
  async (name) => {
    const { code, out, err } = await bindery(name, '--help')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(new RegExp(`^Usage: bindery ${name}`))
    expect(out).toContain('Ends with 0')
  },
)

test('help lists every subcommand; an unknown one ends with 2', async () => {
  const { code, out } = await bindery('--help')
  expect(code).toBe(0)
  for (const name of ['web', 'controller', 'gateway', 'task', 'doctor', 'audit-verify']) {
    expect(out).toMatch(new RegExp(`^  ${name} `, 'm'))
  }
  expect(await bindery('doctro')).toMatchObject({ code: 2, err: out })
  expect(await bindery('doctor', '--only', 'nothing')).toMatchObject({ code: 2, out: '' })
})
