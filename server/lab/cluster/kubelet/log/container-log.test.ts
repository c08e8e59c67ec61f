import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rfc3339Nano } from '#server/lab/cluster/kubelet/clock.ts'
import { type ContainerLog, createContainerLog } from './container-log.ts'
import { type LogReadOptions, readLog } from './read-log.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'container-log-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function newLog(bytesMax = 10 * 1024 * 1024): ContainerLog {
  return createContainerLog({ path: join(directory, '0.log'), bytesMax, rewrite: (line) => line })
}

async function read(log: ContainerLog, options: LogReadOptions = {}): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of readLog(log, options, new AbortController().signal)) parts.push(part)
  return Buffer.concat(parts).toString('latin1')
}

test('lines come back as written, the last one without a newline', async () => {
  const log = newLog()
  log.append(Buffer.from('one\ntw'))
  log.append(Buffer.from('o\n\nno-newline'))
  expect(await read(log)).toBe('one\ntwo\n\n')
  log.end()
  expect(await read(log)).toBe('one\ntwo\n\nno-newline')
  expect(await read(log, { tailLines: 2 })).toBe('\nno-newline')
  expect(await read(log, { tailLines: 0 })).toBe('')
  expect(await read(log, { tailLines: 100 })).toBe('one\ntwo\n\nno-newline')
  expect(await read(log, { limitBytes: 6 })).toBe('one\ntw')
})

test('bytes that are no text survive, also in lines longer than one entry', async () => {
  const log = newLog()
  const bytes = Buffer.from(
    Array.from({ length: 50_000 }, (_, i) => (i % 256 === 10 ? 0 : i % 256)),
  )
  log.append(Buffer.concat([bytes, Buffer.from('\nend\n')]))
  log.end()
  expect(await read(log)).toBe(`${bytes.toString('latin1')}\nend\n`)
  const stamped = await read(log, { timestamps: true })
  expect(stamped.match(/\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z /g)).toHaveLength(2)
})

test('earlier entries are left out by time', async () => {
  const log = newLog()
  log.append(Buffer.from('old\n'))
  const since = rfc3339Nano(BigInt(Date.now() + 5000) * 1_000_000n)
  expect(await read(log, { since })).toBe('')
  expect(await read(log, { since: rfc3339Nano(0n) })).toBe('old\n')
})

test('a follower sees every line once, across rotation, until the end', async () => {
  const log = newLog(4096)
  const followed = read(log, { follow: true })
  const lines = Array.from({ length: 400 }, (_, i) => `line ${i}\n`)
  for (const line of lines) {
    log.append(Buffer.from(line))
    await new Promise(setImmediate)
  }
  log.end()
  expect(await followed).toBe(lines.join(''))
  const current = await read(log)
  expect(current.length).toBeLessThan(4096)
  expect(lines.join('').endsWith(current)).toBe(true)
})

test('a reader that goes away ends at once', async () => {
  const log = newLog()
  const gone = new AbortController()
  const reading = readLog(log, { follow: true }, gone.signal).next()
  gone.abort()
  expect(await reading).toEqual({ done: true, value: undefined })
  log.end()
})
