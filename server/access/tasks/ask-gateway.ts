import { readFile } from 'node:fs/promises'
import { createParser } from 'eventsource-parser'
import { isRecord } from '#server/platform/model/is-record.ts'
import {
  cutAnswersHeader,
  probeHeader,
  refusedSinceHeader,
  speakForHeader,
} from '#server/platform/model/names.ts'
import { readEngineFacts } from '#server/serving/model/engine-facts.ts'

export type Speaker = {
  /** `namespace/name` of the binding that is spoken for; undefined: the run's own account, which is granted nothing. */
  binding: string | undefined
  tokenFile: string
  signal: AbortSignal
}

const answerMs = 15_000
const tokenMs = 60_000

export type ModelsAnswer = {
  status: number
  models: string[]
  /** Of the engine, where it says so. */
  contextTokens?: number
  said: string
  /** Of a refusal: since when, and how many answers were cut off, as the gateway tells its probes. */
  refusedSince?: string
  cutAnswers?: number
}

/** The status of `GET /v1/models`, asked at any address that leads to the gateway; a string is why there is none. */
export async function askModels(base: string, speaker: Speaker): Promise<ModelsAnswer | string> {
  try {
    const response = await fetch(`${base}/v1/models`, {
      headers: await headersOf(speaker),
      redirect: 'error',
      signal: AbortSignal.any([speaker.signal, AbortSignal.timeout(answerMs)]),
    })
    const text = (await response.text()).slice(0, 100_000)
    const since = response.headers.get(refusedSinceHeader)
    const told = since
      ? { refusedSince: since, cutAnswers: Number(response.headers.get(cutAnswersHeader) ?? 0) }
      : {}
    const { models = [], contextTokens } = readEngineFacts(parse(text)) ?? {}
    return { status: response.status, models, contextTokens, said: messageIn(text), ...told }
  } catch (error) {
    return whyNot(error)
  }
}

/** Asks for one token and measures until it is there. */
export async function askToken(
  base: string,
  model: string,
  speaker: Speaker,
): Promise<{ firstTokenMs: number } | string> {
  const started = performance.now()
  try {
    const response = await fetch(`${base}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...(await headersOf(speaker)), 'content-type': 'application/json' },
      redirect: 'error',
      body: JSON.stringify({
        model,
        stream: true,
        max_tokens: 1,
        temperature: 0.6,
        top_p: 0.95,
        messages: [{ role: 'user', content: 'What is 1 + 1?' }],
      }),
      signal: AbortSignal.any([speaker.signal, AbortSignal.timeout(tokenMs)]),
    })
    if (!response.ok || !response.body) {
      const said = messageIn((await response.text()).slice(0, 10_000))
      return `a token was asked for, and the answer was ${response.status} ${said}`
    }
    return await firstChunk(response.body, started)
  } catch (error) {
    return whyNot(error)
  }
}

async function firstChunk(
  body: ReadableStream<Uint8Array>,
  started: number,
): Promise<{ firstTokenMs: number } | string> {
  let result: { firstTokenMs: number } | string | undefined
  const decoder = new TextDecoder()
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]' || result) return
      const failure = messageIn(data)
      if (failure) result = `the engine failed: ${failure}`
      else result = { firstTokenMs: Math.round(performance.now() - started) }
    },
  })
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    if (result) break
  }
  return result ?? 'the answer ended before its first token'
}

/** The token is read each time: the kubelet renews it. */
async function headersOf(speaker: Speaker): Promise<Record<string, string>> {
  const token = (await readFile(speaker.tokenFile, 'utf8')).trim()
  return {
    authorization: `Bearer ${token}`,
    ...(speaker.binding ? { [speakForHeader]: speaker.binding, [probeHeader]: '1' } : {}),
  }
}

function messageIn(text: string): string {
  const parsed = parse(text)
  if (!isRecord(parsed) || !isRecord(parsed.error)) return ''
  return typeof parsed.error.message === 'string' ? parsed.error.message : 'error'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'it does not answer in time'
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : error.message
  return code === 'ENOTFOUND'
    ? 'its name is not known to the DNS yet'
    : `it does not answer (${code})`
}
