import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '#e2e/support/free-port.ts'

test('a web that waits for its database is alive, not ready, and ends when it is told to', async () => {
  const [port, nobodysPort] = [await freePort(), await freePort()]
  const kubeconfig = join(mkdtempSync(join(tmpdir(), 'bindery-')), 'kubeconfig')
  writeFileSync(kubeconfig, kubeconfigOf(`https://127.0.0.1:${nobodysPort}`))
  const main = join(import.meta.dirname, '../main.ts')
  const web = spawn(process.execPath, ['--import', 'tsx', main, 'web'], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      DEV: 'true',
      KUBECONFIG: kubeconfig,
      DATABASE_URL: `postgres://nobody:none@127.0.0.1:${nobodysPort}/none`,
      NEXTAUTH_SECRET: 'a secret of at least thirty-two characters',
      OPERATIONS_PORT: String(port),
      PORT: '0',
    },
  })
  onTestFinished(() => void web.kill('SIGKILL'))
  const ended = once(web, 'exit')
  const said = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`).then(
      ({ status }) => status,
      () => undefined,
    )
  await expect.poll(() => said('/livez'), { timeout: 240_000 }).toBe(200)
  expect(await said('/readyz')).toBe(503)
  web.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
}, 300_000)

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'none', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'nobody', user: { token: 'none' } }],
    contexts: [{ name: 'none', context: { cluster: 'none', user: 'nobody' } }],
    'current-context': 'none',
  })
}
