import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { askEngine } from './ask-engine.ts'

const signal = AbortSignal.timeout(30_000)

function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  onTestFinished(() => void server.close())
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    )
  })
}

test('an engine that answers has said how many tokens that took; one stumble is none', async () => {
  let asked = 0
  const url = await serve((request, response) => {
    if (asked++ === 0) return void response.writeHead(503).end('compiling')
    const models = '{"object":"list","data":[{"id":"vibethinker-1.5b"}]}'
    const answer = '{"choices":[{"finish_reason":"length"}],"usage":{"completion_tokens":16}}'
    response.end(request.url === '/v1/models' ? models : answer)
  })
  expect(await askEngine(url, signal)).toEqual({ model: 'vibethinker-1.5b', tokens: 16 })
})

test.each<[what: string, says: RegExp, answer: (path: string) => [number, string]]>([
  ['an error', /answers no question: 500 out of memory/, () => [500, 'out of memory']],
  ['no model', /not that of an OpenAI-compatible server/, () => [200, '{"data":[]}']],
  ['a page', /not that of an OpenAI-compatible server/, () => [200, '<html>']],
  [
    'no token',
    /not that of an OpenAI-compatible server/,
    (path) => [
      200,
      path === '/v1/models'
        ? '{"data":[{"id":"x"}]}'
        : '{"choices":[{"finish_reason":"stop"}],"usage":{"completion_tokens":0}}',
    ],
  ],
])('one that gives %s is ready and serves nobody', async (_, says, answer) => {
  let asked = 0
  const url = await serve((request, response) => {
    asked++
    const [status, text] = answer(request.url ?? '')
    response.writeHead(status).end(text)
  })
  await expect(askEngine(url, signal)).rejects.toThrow(says)
  // An engine may stumble over its first question.
  expect(asked).toBeGreaterThanOrEqual(3)
})
