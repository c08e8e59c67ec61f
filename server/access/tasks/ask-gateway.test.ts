import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askModels, askToken, type Speaker } from './ask-gateway.ts'

let directory: string
let server: Server
let base: string
let answer: (request: IncomingMessage, response: ServerResponse) => void
let speaker: Speaker

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ask-'))
  writeFileSync(join(directory, 'token'), 'secret\n')
  server = createServer((request, response) => answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { signal } = new AbortController()
  speaker = { binding: 'research-team-a/vibethinker', tokenFile: join(directory, 'token'), signal }
})

afterEach(() => {
  server.close()
  server.closeAllConnections()
  rmSync(directory, { recursive: true })
})

test('it speaks for its binding with its own token', async () => {
  answer = (request, response) => {
    expect(request.headers).toMatchObject({
      authorization: 'Bearer secret',
      'x-bindery-binding': 'research-team-a/vibethinker',
      'x-bindery-probe': '1',
    })
    response.end(JSON.stringify({ data: [{ id: 'one' }, { id: 'two' }] }))
  }
  expect(await askModels(base, speaker)).toMatchObject({ status: 200, models: ['one', 'two'] })
})

test('a refusal keeps its words', async () => {
  answer = (_request, response) => {
    response.writeHead(403).end(JSON.stringify({ error: { message: 'Access has ended.' } }))
  }
  expect(await askModels(base, speaker)).toMatchObject({ status: 403, said: 'Access has ended.' })
  expect(await askToken(base, 'm', speaker)).toContain('403 Access has ended.')
})

test('the first token is counted, an error in the stream is not', async () => {
  answer = (_request, response) => {
    response.write(': open\n\n')
    response.write('data: {"choices":[{"delta":{"content":"2"}}]}\n\n')
  }
  expect(await askToken(base, 'm', speaker)).toEqual({ firstTokenMs: expect.any(Number) })
  answer = (_request, response) => {
    response.end('data: {"error":{"message":"out of memory"}}\n\ndata: [DONE]\n\n')
  }
  expect(await askToken(base, 'm', speaker)).toBe('the engine failed: out of memory')
  answer = (_request, response) => void response.end('data: [DONE]\n\n')
  expect(await askToken(base, 'm', speaker)).toBe('the answer ended before its first token')
})

test('no server and no name are reasons, not crashes', async () => {
  const nowhere = await askModels('http://127.0.0.1:9', speaker)
  expect(nowhere).toContain('does not answer')
})
