import type { IncomingMessage } from 'node:http'
import { Agent, type AgentOptions, request } from 'node:https'

// Tests look at answers of every kind; each names what it expects of them.
// biome-ignore lint/suspicious/noExplicitAny: the body of an answer is open JSON
export type Body = any

export type Answer = {
  status: number
  headers: IncomingMessage['headers']
  body: Body
  text: string
}

export type CallOptions = {
  contentType?: string
  headers?: Record<string, string>
  /** Another bearer token; null: none. The caller's client certificate stays away then: it would win. */
  token?: string | null
  /** Sends the client certificate beside another token all the same. */
  withCertificate?: boolean
}

/** Plain HTTPS to an API server, without a client library in between. */
export type ApiCaller = {
  get(path: string, options?: CallOptions): Promise<Answer>
  post(path: string, body: unknown, options?: CallOptions): Promise<Answer>
  put(path: string, body: unknown, options?: CallOptions): Promise<Answer>
  patch(path: string, body: unknown, options?: CallOptions): Promise<Answer>
  delete(path: string, body?: unknown, options?: CallOptions): Promise<Answer>
  /** Lines of a watch or a followed log, as they come. */
  lines(path: string, signal: AbortSignal): AsyncGenerator<string>
  close(): void
}

export function apiCaller(url: string, tls: AgentOptions, token: string | undefined): ApiCaller {
  const { cert, key, ...trust } = tls
  const named = new Agent({ ...trust, cert, key, keepAlive: true })
  const nameless = new Agent({ ...trust, keepAlive: true })

  function open(
    method: string,
    path: string,
    body: unknown,
    options: CallOptions,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const bearer = options.token === undefined ? token : options.token
    const agent = options.token === undefined || options.withCertificate ? named : nameless
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const sent = request(
        `${url}${path}`,
        {
          method,
          agent,
          ...(signal ? { signal } : {}),
          headers: {
            accept: 'application/json',
            'user-agent': 'contract/1',
            ...(text === undefined
              ? {}
              : {
                  'content-type': options.contentType ?? 'application/json',
                  'content-length': String(Buffer.byteLength(text)),
                }),
            ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
            ...options.headers,
          },
        },
        resolve,
      )
      sent.on('error', reject)
      sent.end(text)
    })
  }

  async function call(
    method: string,
    path: string,
    body: unknown,
    options: CallOptions = {},
  ): Promise<Answer> {
    const response = await open(method, path, body, options)
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString('utf8')
    const isJson = response.headers['content-type']?.includes('json') ?? false
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : undefined,
      text,
    }
  }

  return {
    get: (path, options) => call('GET', path, undefined, options),
    post: (path, body, options) => call('POST', path, body, options),
    put: (path, body, options) => call('PUT', path, body, options),
    patch: (path, body, options) =>
      call('PATCH', path, body, { contentType: 'application/merge-patch+json', ...options }),
    delete: (path, body, options) => call('DELETE', path, body, options),
    async *lines(path, signal) {
      const response = await open('GET', path, undefined, {}, signal)
      // Leaving the loop destroys the response, which then complains of just that.
      response.on('error', () => undefined)
      let rest = ''
      for await (const chunk of response.setEncoding('utf8')) {
        const lines = `${rest}${chunk}`.split('\n')
        rest = lines.pop() ?? ''
        yield* lines
      }
      if (rest !== '') yield rest
    },
    close() {
      named.destroy()
      nameless.destroy()
    },
  }
}

/** Asks again until the answer is as wanted; the test's own time limit ends it. */
export async function eventually(
  ask: () => Promise<Answer>,
  wanted: (answer: Answer) => boolean,
): Promise<Answer> {
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
