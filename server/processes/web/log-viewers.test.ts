import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import { openSse } from '#server/platform/http/sse.ts'
import { createChangeSignal } from '#server/platform/time/change-signal.ts'
import { logEvents, statusUpdates } from '#server/runs/log/follow/log-events.ts'
import { createRunLogBuffer } from '#server/runs/log/follow/run-log-buffer.ts'
import { redactionBy } from '#server/runs/log/redaction/redaction.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { logFrame } from './handlers/log-frame.ts'

const run: TaskRun = {
  apiVersion: 'tekton.dev/v1',
  kind: 'TaskRun',
  metadata: { name: 'run', namespace: 'n' },
  spec: {},
}

const viewers = 200
const kbPerViewerMax = 60

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

function heldBytes(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('viewers that take nothing hold the same bytes, and not a copy each; then they are told all of it', async () => {
  const buffer = createRunLogBuffer()
  const wake = createChangeSignal()
  let isOver = false
  let page: { row: number; rows: ReturnType<typeof buffer.read> } | undefined
  const log = {
    wake,
    run: () => run,
    failed: () => undefined,
    released: () => false,
    enter: () => () => {},
    caughtUp: async () => true,
    isStored: false,
    bytes: buffer.bytes,
    usedMs: () => 0,
    rows: () => buffer.next() - 1,
    isEnded: () => isOver,
    async page(row: number) {
      if (page?.row === row) return page.rows
      const rows = buffer.read(row, 1_000)
      if (rows.length > 0) page = { row, rows }
      return rows
    },
  }
  let waiting = 0
  const server = createServer(async (request, response) => {
    const draining = new AbortController().signal
    const stream = openSse(request, response, { heartbeatMs: 60_000, maxLifeMs: 600_000, draining })
    const tidings = statusUpdates(
      () => run,
      redactionBy(),
      async () => [],
    )
    for await (const event of logEvents(log, tidings, undefined, stream.signal)) {
      const sent = stream.sendFrames([logFrame(event)])
      if (response.writableNeedDrain) waiting++
      await sent
    }
    stream.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo

  // A page is far more than the kernel takes for a reader that does not read.
  const text = 'x'.repeat(14_000)
  const entries = Array.from({ length: 1_000 }, (_, index) => {
    const at = `2026-11-24T00:00:00.${String(index).padStart(9, '0')}Z`
    return { step: 's', at, count: 1, text: `${index} ${text}` }
  })
  buffer.push(entries)
  // What the first one costs is everybody's.
  const readers: Reader[] = [await open(port)]
  await expect.poll(() => waiting, { timeout: 20_000 }).toBe(1)
  const before = heldBytes()
  while (readers.length < viewers) readers.push(await open(port))
  await expect.poll(() => waiting, { timeout: 40_000 }).toBe(viewers)
  const kbPerViewer = (heldBytes() - before) / 1024 / viewers
  expect(kbPerViewer).toBeLessThan(kbPerViewerMax)

  isOver = true
  wake.notify()
  const [first, ...others] = readers
  const last = others.pop()
  for (const { socket } of others) socket.destroy()
  for (const reader of [first, last]) {
    reader?.go()
    await expect.poll(() => reader?.said().includes('event: end'), { timeout: 20_000 }).toBe(true)
    expect(reader?.said().match(/"row":\d+/g)).toHaveLength(1_000)
  }
})

type Reader = { socket: Socket; go(): void; said(): string }

/** Node reads ahead by itself, into memory of its own: this one takes a first piece and stops there. */
async function open(port: number): Promise<Reader> {
  const pieces: Buffer[] = []
  let isReading = false
  const callback = (bytes: number, buffer: Uint8Array) => {
    pieces.push(Buffer.from(buffer.subarray(0, bytes)))
    return isReading
  }
  const socket = connect({ port, host: '127.0.0.1', onread: { buffer: shared, callback } })
  await once(socket, 'connect')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  return {
    socket,
    go() {
      isReading = true
      socket.resume()
    },
    said: () => Buffer.concat(pieces).toString(),
  }
}

const shared = Buffer.alloc(1024)
