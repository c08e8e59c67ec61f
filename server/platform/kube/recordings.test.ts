import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { connectKube } from './connect-kube.ts'
import { Namespace } from './kinds.ts'
import { followLog } from './log/follow-log.ts'
import { translateStatus } from './translate-status.ts'

const folder = '../shared/kube-recordings'

type Line = { atMs: number; line?: unknown; rest?: string; end?: string }
type Exchange = {
  note?: string
  request: { method: string; path: string }
  response: { status: number; body?: unknown; stream?: Line[] }
}

let stop: (() => Promise<void>) | undefined
afterEach(() => stop?.())

/** What a real cluster said, read by our client. */
describe.runIf(existsSync(folder))('recordings of a real cluster', () => {
  const exchanges = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => /^\d\d-.*\.json$/.test(file))
    .flatMap((file): Exchange[] => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')).exchanges)

  const codes: Record<number, string[]> = {
    400: ['bad-request'],
    401: ['unavailable'],
    403: ['forbidden', 'conflict'],
    404: ['not-found', 'unavailable'],
    409: ['conflict'],
    415: ['bad-request'],
    422: ['unprocessable'],
  }

  test('every refusal becomes an error with its code and words', () => {
    const refused = exchanges.filter(({ response }) => response.status >= 400)
    expect(refused.length).toBeGreaterThan(30)
    for (const { note, response } of refused) {
      const text = typeof response.body === 'string' ? response.body : JSON.stringify(response.body)
      const error = translateStatus(response.status, text ?? '', {
        verb: 'get',
        resource: 'things',
      })
      const expected = codes[response.status] ?? ['unavailable', 'timeout']
      expect(expected, `${response.status} ${note}`).toContain(error.code)
      expect(error.message).not.toBe('')
    }
  })

  test('a recorded watch gives its objects and its 410 lists again', async () => {
    const streams = exchanges.filter(({ request }) => request.path.includes('watch=true'))
    const changing = streams.find(({ note }) => note?.includes('create, modify, status, delete'))
    const expired = streams.find(({ note }) => note?.includes('too old version'))
    const answers = [expired, changing]
    const server = await startScripted((request, response) => {
      if (!request.url?.includes('watch=true')) {
        return sendJson(response, 200, { metadata: { resourceVersion: '1' }, items: [] })
      }
      response.writeHead(200, { 'content-type': 'application/json' })
      for (const { line } of answers.shift()?.response.stream ?? []) {
        if (line) response.write(`${JSON.stringify(line)}\n`)
      }
      return undefined
    })
    const kube = connectKube({ kubeconfigText: server.kubeconfig, times: { retryBaseMs: 1 } })
    const ending = new AbortController()
    stop = async () => {
      ending.abort()
      await kube.close()
      await server.close()
    }
    const types: string[] = []
    for await (const event of kube.watch(Namespace, { signal: ending.signal })) {
      types.push(event.type)
      if (event.type === 'remove') break
    }
    expect(types).toEqual(['snapshot', 'snapshot', 'upsert', 'upsert', 'upsert', 'remove'])
  })

  test('a recorded log gives its lines, the unfinished last one too', async () => {
    const followed = exchanges.find(({ note }) => note?.startsWith('follow with timestamps'))
    const stream = followed?.response.stream ?? []
    const text = stream.map(({ line, rest }) => (line ? `${line}\n` : (rest ?? ''))).join('')
    const server = await startScripted((request, response) => {
      const state = { terminated: { exitCode: 0 } }
      const status = { containerStatuses: [{ name: 'one', state }] }
      if (!request.url?.includes('/log')) return sendJson(response, 200, { metadata: {}, status })
      return response.writeHead(200).end(text)
    })
    const kube = connectKube({ kubeconfigText: server.kubeconfig })
    const { signal } = new AbortController()
    stop = async () => {
      await kube.close()
      await server.close()
    }
    const texts: string[] = []
    for await (const part of followLog(
      kube,
      { namespace: 'n', name: 'p' },
      { container: 'one', signal },
    )) {
      if (part.type === 'lines') texts.push(...part.lines.map((line) => line.text))
    }
    expect(texts).toEqual([
      ...['line 1', 'err 1', 'line 2', 'err 2', 'line 3', 'err 3', 'err 4', 'line 4', 'line 5'],
      ...['err 5', 'err 6', 'line 6', 'no-newline'],
    ])
  })
})
