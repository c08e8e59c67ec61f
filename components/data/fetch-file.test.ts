import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { fetchFile } from './fetch-file.ts'

/** The address of a file, sent as the test says. */
async function fileSent(send: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('x-request-id', 'number-7')
    send(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a file comes whole, under its name in any script', async () => {
  const path = await fileSent((response) => {
    const name = encodeURIComponent('求解-x.tex')
    response.setHeader(
      'content-disposition',
      `attachment; filename="a.tex"; filename*=UTF-8''${name}`,
    )
    response.write('one ')
    response.end('two')
  })
  const { name, content } = await fetchFile(path)
  expect([name, await content.text()]).toEqual(['求解-x.tex', 'one two'])
})

test('a file that breaks off in the middle is an error that names the request', async () => {
  const path = await fileSent((response) => response.write('half', () => response.destroy()))
  await expect(fetchFile(path)).rejects.toMatchObject({
    code: 'unavailable',
    details: { key: 'file.brokeOff', values: { requestId: 'number-7' } },
  })
})

test('a file that is refused, or cannot be asked for, is what the server says, or that it is not there', async () => {
  const path = await fileSent((response) => {
    response.statusCode = 404
    response.end(JSON.stringify({ error: { code: 'not-found', message: 'There is none.' } }))
  })
  await expect(fetchFile(path)).rejects.toMatchObject({ message: 'There is none.' })
  const gone = await fileSent((response) => response.destroy())
  await expect(fetchFile(gone)).rejects.toMatchObject({ code: 'unavailable' })
})
