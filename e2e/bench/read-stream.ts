import { Agent, request } from 'undici'

/** When each token of an answer came, in milliseconds since it was asked for. */
export type Arrivals = { tokensAtMs: number[] }

const agent = new Agent({ connections: null, pipelining: 1, bodyTimeout: 60_000 })

export type Answer = { status: number; cookies: string[]; text: string }

/** One call over the connections that the streams use too, so that none is opened while time is taken. */
export async function call(
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Answer> {
  const answer = await request(url, { method, headers, body, dispatcher: agent })
  const text = await answer.body.text()
  const cookies = [answer.headers['set-cookie'] ?? []].flat().map((one) => one.split(';')[0] ?? '')
  return { status: answer.statusCode, cookies, text }
}

/** Reads an event stream to its end; `marker` is what every event that carries a token holds, and no other. */
export async function readStream(
  method: 'GET' | 'POST',
  url: string,
  headers: Record<string, string>,
  body: string | undefined,
  marker: RegExp,
  startedMs = performance.now(),
): Promise<Arrivals> {
  const answer = await request(url, { method, headers, body, dispatcher: agent })
  if (answer.statusCode !== 200) {
    throw new Error(`${url} answered ${answer.statusCode}: ${await answer.body.text()}`)
  }
  const tokensAtMs: number[] = []
  let rest = ''
  for await (const chunk of answer.body) {
    const now = performance.now() - startedMs
    const events = (rest + chunk).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) if (marker.test(event)) tokensAtMs.push(now)
  }
  return { tokensAtMs }
}

export function closeConnections(): Promise<void> {
  return agent.destroy()
}
