import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { askSelf, createReadyProbe } from './ready-probe.ts'

const never = () => new Promise<never>(() => {})
const works = async () => {}
const fails = async () => {
  throw new Error('away')
}

test('ready means that every part answers; which ones do not is told once per change', async () => {
  const told: string[][] = []
  const parts = { page: works, api: works, database: works }
  const probe = createReadyProbe(parts, (missing) => told.push(missing), {
    lookWithinMs: 1000,
    keepMs: 0,
  })
  expect(await probe()).toBe(true)
  for (let times = 0; times < 2; times += 1) {
    parts.api = fails
    parts.database = fails
    expect(await probe()).toBe(false)
  }
  parts.api = works
  parts.database = works
  expect(await probe()).toBe(true)
  expect(told).toEqual([['api', 'database'], []])
})

test('a part that never answers is missing after the bound', async () => {
  const probe = createReadyProbe({ kubernetes: never, page: works }, () => {}, {
    lookWithinMs: 10,
    keepMs: 0,
  })
  expect(await probe()).toBe(false)
})

test('many probes share one look, also while it is under way', async () => {
  let looks = 0
  const page = async () => {
    looks += 1
  }
  const probe = createReadyProbe({ page }, () => {}, { lookWithinMs: 1000, keepMs: 60_000 })
  await Promise.all([probe(), probe(), probe()])
  expect(await probe()).toBe(true)
  expect(looks).toBe(1)
})

test.each([
  [200, '<html>', true],
  // What Next answered where a package of a route could not be loaded.
  [500, '', false],
  [200, '', false],
  [307, 'elsewhere', false],
])('asking itself: %d with the body %j serves a person: %s', async (status, text, serves) => {
  let host: string | undefined
  const server = createServer((request, response) => {
    host = request.headers.host
    response.writeHead(status).end(text)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const asked = askSelf(`http://127.0.0.1:${port}`, 'bindery.example.org', '/sign-in')
  if (serves) await asked
  else await expect(asked).rejects.toThrow(`answered with ${status}`)
  expect(host).toBe('bindery.example.org')
})
