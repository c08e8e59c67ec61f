import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '#server/platform/log.ts'
import { checkNetwork, type NetworkSeen, watchNetwork } from './check-network.ts'

const signal = new AbortController().signal

/** A port that answers, or one whose connections are cut once they are there. */
async function listening(answers: boolean): Promise<number> {
  const server = createServer((request, response) => {
    if (answers) response.writeHead(404).end()
    else request.socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A port at which nothing listens any more. */
async function refusing(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('a policy is at work where one port answers and the other does not, however that is kept from answering', async () => {
  const open = await listening(true)
  for (const closed of [await listening(false), await refusing()]) {
    expect(await checkNetwork(['127.0.0.1'], { open, closed }, signal)).toBe('enforced')
  }
})

test('a network that lets everything through enforces nothing', async () => {
  const ports = { open: await listening(true), closed: await listening(true) }
  expect(await checkNetwork(['127.0.0.1'], ports, signal)).toBe('not-enforced')
})

test('of a gateway that cannot be reached nothing is said; another one of it will do', async () => {
  const ports = { open: await refusing(), closed: await refusing() }
  expect(await checkNetwork(['127.0.0.1'], ports, signal)).toBeUndefined()
  expect(await checkNetwork([], ports, signal)).toBeUndefined()
  const up = { open: await listening(true), closed: await refusing() }
  expect(await checkNetwork(['127.0.0.99', '127.0.0.1'], up, signal)).toBe('enforced')
})

test('each change is told once, and what cannot be told changes nothing', async () => {
  const ending = new AbortController()
  const seen: NetworkSeen[] = [undefined, 'enforced', 'enforced', undefined, 'not-enforced']
  const told: NetworkSeen[] = []
  await watchNetwork(
    async () => {
      if (seen.length === 1) ending.abort()
      return seen.shift()
    },
    (one) => told.push(one),
    { everyMs: 1, log: createLog('test', 'fatal'), signal: ending.signal },
  )
  expect(told).toEqual(['enforced', 'not-enforced'])
})
