import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createParser } from 'eventsource-parser'
import { expect, onTestFinished } from 'vitest'
import { type Answer, emptyAnswer, reduceTokens } from '#server/playground/model/token-stream.ts'
import type { AskedView, ConversationView } from '#server/playground/views/conversation-views.ts'
import type { TokenEvent } from '#server/playground/views/token-events.ts'
import { startWeb } from './web-fixture.ts'

export type Asked = { messages: { role: string; content: string }[]; [field: string]: unknown }

type Play = (response: ServerResponse, asked: Asked) => void

/** One `data:` of a streamed answer. */
export function chunk(delta: object, finish_reason: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`
}

export const theEnd = `${chunk({}, 'stop')}data: ${JSON.stringify({
  choices: [],
  usage: { prompt_tokens: 7, completion_tokens: 3 },
})}\n\ndata: [DONE]\n\n`

/** An engine that answers as the test says. */
export async function startPlayedEngine() {
  const asked: Asked[] = []
  const plays: Play[] = []
  let closed = 0
  const server = createServer(async (request: IncomingMessage, response) => {
    // What it says of itself is not played.
    if (request.method === 'GET') return void response.writeHead(404).end()
    let body = ''
    for await (const part of request) body += part
    const question: Asked = JSON.parse(body)
    asked.push(question)
    response.on('close', () => closed++)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    plays.shift()?.(response, question)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What it was asked, in order. */
    asked,
    /** Answers that are over, or whose asker went away. */
    closed: () => closed,
    /** How it answers the next questions. */
    plays: (...next: Play[]) => void plays.push(...next),
  }
}

/** The web before a gateway, with ada signed in. */
export async function playgroundBefore(kubeconfig: string, gatewayUrl: string) {
  const web = await startWeb({ kubeconfig, env: { GATEWAY_URL: gatewayUrl } })
  const call = await web.as('ada')

  async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await call(method, path, body)
    expect([method, path, answer.ok, answer.ok ? '' : await answer.clone().text()]).toEqual([
      method,
      path,
      true,
      '',
    ])
    return (answer.status === 204 ? undefined : await answer.json()) as T
  }

  return {
    web,
    call,
    json,
    ask: (question: object, more: { conversation?: string; answers?: number } = {}) =>
      json<AskedView>('POST', '/api/generations', questionBody(question, more)),
    conversation: (id: string) => json<ConversationView>('GET', `/api/conversations/${id}`),
    /** Reads the answers to their ends, as a page does. */
    async read({ conversation, generations }: AskedView): Promise<Answer[]> {
      const ids = generations.map(({ id }) => id)
      const response = await call(
        'GET',
        `/api/conversations/${conversation.id}/events?generations=${ids}`,
      )
      return readAnswers(response, ids.length)
    },
  }
}

export function questionBody(
  question: object,
  { conversation, answers = 1 }: { conversation?: string; answers?: number } = {},
) {
  const variant = {
    binding: { namespace: 'research-team-a', name: 'vibethinker' },
    systemPrompt: 'You solve problems.',
    sampling: { temperature: 1, topP: 0.95, topK: -1, maxTokens: 100 },
  }
  return { conversation, question, variants: Array.from({ length: answers }, () => variant) }
}

async function readAnswers(response: Response, count: number): Promise<Answer[]> {
  const answers = Array.from({ length: count }, () => emptyAnswer)
  const parser = createParser({
    onEvent({ event, data, id = '' }) {
      const { of, ...rest } = JSON.parse(data)
      const seq = Number(id.split('.')[of])
      const before = answers[of] ?? emptyAnswer
      answers[of] = reduceTokens(before, seq, { event, data: rest } as TokenEvent)
    },
  })
  const decoder = new TextDecoder()
  for await (const bytes of response.body ?? [])
    parser.feed(decoder.decode(bytes, { stream: true }))
  return answers
}
