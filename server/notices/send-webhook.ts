import { z } from 'zod'
import type { Webhook } from './model/webhook.ts'
import type { SignedRequest } from './sign-webhook.ts'

export type SendOutcome = { sent: true } | { error: string; forGood?: boolean }

const withinMs = 10_000
const answerBytesMax = 16 * 1024

/**
 * One attempt, by Node's own fetch, which goes through a proxy where NODE_USE_ENV_PROXY says so. Only the configured address is asked: redirects are not followed, and of the answer no more is read than
 * says whether it was taken. What is kept of a failure names no address.
 */
export async function sendWebhook(
  kind: Webhook['kind'],
  { url, headers, body }: SignedRequest,
  signal: AbortSignal,
): Promise<SendOutcome> {
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
    const asked = { method: 'POST', headers, body, signal: within, redirect: 'manual' } as const
    const { status, body: said } = await fetch(url, asked)
    const text = said ? await readSome(said) : ''
    if (status === 410) return { error: 'It answered 410: it is gone.', forGood: true }
    if (status < 200 || status > 299) return { error: `It answered ${status}.` }
    return judge(kind, text)
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    const late = error instanceof Error && error.name === 'TimeoutError'
    return { error: late ? 'It did not answer in time.' : `It cannot be reached (${code}).` }
  }
}

const feishuAnswer = z.object({ code: z.number().optional(), StatusCode: z.number().optional() })
const errcodeAnswer = z.object({ errcode: z.number() })

/** Feishu, DingTalk and WeCom answer 200 to what they refuse. */
function judge(kind: Webhook['kind'], text: string): SendOutcome {
  if (kind === 'generic' || kind === 'slack') return { sent: true }
  const schema = kind === 'feishu' ? feishuAnswer : errcodeAnswer
  const parsed = schema.safeParse(parseJson(text))
  if (!parsed.success) return { error: 'Its answer cannot be read.' }
  const { data } = parsed
  const code = 'errcode' in data ? data.errcode : (data.code ?? data.StatusCode)
  return code === 0 ? { sent: true } : { error: `It refused: code ${code}.` }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function readSome(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes > answerBytesMax) break
  }
  return Buffer.concat(chunks).subarray(0, answerBytesMax).toString()
}
