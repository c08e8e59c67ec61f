import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readCredentials } from './credentials.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bindery-credentials-'))
})
afterEach(() => rm(folder, { recursive: true }))

function kubeconfig(user: object, cluster: object = { server: 'https://k:6443/prefix' }): string {
  return JSON.stringify({
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  })
}

test('a token, a CA and a path prefix', async () => {
  const ca = Buffer.from('pem').toString('base64')
  const cluster = { server: 'https://k:6443/prefix', 'certificate-authority-data': ca }
  const source = readCredentials({ text: kubeconfig({ token: 'abc' }, cluster) })
  expect(source.server.href).toBe('https://k:6443/prefix')
  const { tls, headers } = await source.read()
  expect(headers).toEqual({ authorization: 'Bearer abc' })
  expect(String(tls.ca)).toBe('pem')
})

test('a token file beside the kubeconfig is read, without its newline, before a token', async () => {
  const path = join(folder, 'config')
  await writeFile(join(folder, 'token'), 'from-file\n')
  await writeFile(path, kubeconfig({ tokenFile: 'token', token: 'old' }))
  const { headers } = await readCredentials({ path }).read()
  expect(headers).toEqual({ authorization: 'Bearer from-file' })
})

test('user and password', async () => {
  const { headers } = await readCredentials({
    text: kubeconfig({ username: 'u', password: 'p' }),
  }).read()
  expect(headers.authorization).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`)
})

test('plain http is refused unless the kubeconfig says that it may be unsafe', async () => {
  const plain = readCredentials({ text: kubeconfig({ token: 'abc' }, { server: 'http://k' }) })
  await expect(plain.read()).rejects.toThrow(/HTTP/)
  expect(() =>
    readCredentials({ text: kubeconfig({ token: 'abc' }, { server: 'ftp://k' }) }),
  ).toThrow('neither https nor http')
})

test('a kubeconfig without a current cluster says so', () => {
  expect(() => readCredentials({ text: '{}' })).toThrow('names no current cluster')
})
