import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { expect, onTestFinished, test } from 'vitest'
import { openSse, type SseTimes } from './sse.ts'
import { writePart } from './write-part.ts'

async function serve(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<number> {
  const server = createServer(handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('not listening')
  return address.port
}

const times = (over: Partial<SseTimes> = {}): SseTimes => ({
  heartbeatMs: 10_000,
  maxLifeMs: 60_000,
  draining: new AbortController().signal,
  ...over,
})

async function read(port: number) {
  const request = get({ host: '127.0.0.1', port })
  const [response]: IncomingMessage[] = await once(request, 'response')
  const events: EventSourceMessage[] = []
  const comments: string[] = []
  const parser = createParser({
    onEvent: (event) => events.push(event),
    onComment: (comment) => comments.push(comment),
  })
  response?.on('data', (chunk) => parser.feed(String(chunk)))
  // A test that cuts its own connection waits for no end.
  response?.on('error', () => {})
  const ended = new Promise<void>((resolve) => response?.on('end', resolve))
  return { events, comments, ended, headers: response?.headers, request }
}

test('headers come before the first event, and the stream says goodbye at the end of its life', async () => {
  const port = await serve((request, response) => {
    void openSse(request, response, times({ heartbeatMs: 20, maxLifeMs: 200 }))
  })
  const { events, comments, ended, headers } = await read(port)
  expect(headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
  await ended
  expect(comments.slice(0, 2)).toEqual(['open', 'beat'])
  expect(events).toMatchObject([{ event: 'bye', data: '{"reason":"max-life"}' }])
})

test('a process that drains sends everybody away, and nobody new stays', async () => {
  const draining = new AbortController()
  const port = await serve((request, response) => {
    const stream = openSse(request, response, times({ draining: draining.signal }))
    void stream.send([{ event: 'one', id: 7, data: { a: 'b\nc' } }])
  })
  const first = await read(port)
  await expect.poll(() => first.events).toMatchObject([{ event: 'one', id: '7' }])
  draining.abort()
  await first.ended
  expect(first.events.at(-1)).toMatchObject({ event: 'bye', data: '{"reason":"draining"}' })
  const second = await read(port)
  await second.ended
  expect(second.events.map(({ event }) => event)).toContain('bye')
})

test('a reader that goes releases the source', async () => {
  let released = () => {}
  const gone = new Promise<void>((resolve) => {
    released = resolve
  })
  const port = await serve((request, response) => {
    openSse(request, response, times()).signal.addEventListener('abort', () => released())
  })
  const { request } = await read(port)
  request.destroy()
  await gone
})

test('a reader that does not read holds its source back', async () => {
  let sent = 0
  const port = await serve((request, response) => {
    const stream = openSse(request, response, times())
    void (async () => {
      while (!stream.signal.aborted && sent < 10_000) {
        await stream.send([{ event: 'big', json: JSON.stringify('x'.repeat(65_536)) }])
        sent++
      }
    })()
  })
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  socket.pause()
  onTestFinished(() => void socket.destroy())
  let before = -1
  await expect
    .poll(
      () => {
        const still = sent === before && sent > 0
        before = sent
        return still
      },
      { interval: 200 },
    )
    .toBe(true)
  expect(sent).toBeLessThan(1000)
})

test('a file waits for its reader, and lets go of one that takes nothing', async () => {
  let sent = 0
  let isOver = false
  const port = await serve(async (_, response) => {
    while (!response.destroyed && sent < 10_000) {
      await writePart(response, 'x'.repeat(65_536), 500)
      sent++
    }
    isOver = true
  })
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  socket.pause()
  onTestFinished(() => void socket.destroy())
  await expect.poll(() => isOver).toBe(true)
  expect(sent).toBeLessThan(1000)
})
