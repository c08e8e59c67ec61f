import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { sendWebhook } from './send-webhook.ts'

const signed = { headers: {}, body: '{}' }

async function serve(status: number, headers: Record<string, string> = {}, body = '') {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    request.resume()
    response.writeHead(status, headers).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/hook`, asked, server }
}

test.each([
  [204, { sent: true }],
  [410, { error: 'It answered 410: it is gone.', forGood: true }],
  [500, { error: 'It answered 500.' }],
])('an answer of %i is told as what it is', async (status, outcome) => {
  const { url } = await serve(status)
  const signal = new AbortController().signal
  expect(await sendWebhook('generic', { url, ...signed }, signal)).toEqual(outcome)
})

test('a redirect is not followed', async () => {
  const other = await serve(200)
  const { url, asked } = await serve(307, { location: other.url })
  const signal = new AbortController().signal
  expect(await sendWebhook('generic', { url, ...signed }, signal)).toEqual({
    error: 'It answered 307.',
  })
  expect(asked).toEqual(['POST /hook'])
  expect(other.asked).toEqual([])
})

test('who refuses the connection is named by the code of the system', async () => {
  const { url, server } = await serve(200)
  server.close()
  await once(server, 'close')
  const signal = new AbortController().signal
  expect(await sendWebhook('generic', { url, ...signed }, signal)).toEqual({
    error: 'It cannot be reached (ECONNREFUSED).',
  })
})

test('where the environment names a proxy, the proxy is asked for the way', async () => {
  const proxy = await serve(404)
  const asked: string[] = []
  proxy.server.on('connect', (request, socket) => {
    asked.push(String(request.url))
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  const module = join(import.meta.dirname, 'send-webhook.ts')
  const script = `
    import { sendWebhook } from ${JSON.stringify(module)}
    const request = { url: 'https://hooks.example.org/hook', headers: {}, body: '{}' }
    await sendWebhook('generic', request, new AbortController().signal)`
  await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    { env: { ...process.env, NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: new URL(proxy.url).origin } },
  )
  expect(asked).toEqual(['hooks.example.org:443'])
})
