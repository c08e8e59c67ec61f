import { createHmac } from 'node:crypto'
import type { Webhook } from './model/webhook.ts'

export type SignedRequest = { url: string; headers: Record<string, string>; body: string }

/** The message with the signature of its kind, made at this instant. `id` is the same at every attempt. */
export function signWebhook(
  { kind, url, secret }: Webhook,
  message: object,
  id: string,
  now: Date,
): SignedRequest {
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' }
  const seconds = String(Math.floor(now.getTime() / 1000))
  const body = JSON.stringify(message)
  switch (kind) {
    // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    case 'generic': {
      const key = Buffer.from(secret?.replace(/^whsec_/, '') ?? '', 'base64')
      const signature = hmac(key, `${id}.${seconds}.${body}`)
      return {
        url,
        headers: {
          ...headers,
          'webhook-id': id,
          'webhook-timestamp': seconds,
          'webhook-signature': `v1,${signature}`,
        },
        body,
      }
    }
    // The key is time and secret, and what is signed is empty: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
    case 'feishu': {
      if (!secret) return { url, headers, body }
      const sign = hmac(`${seconds}\n${secret}`, '')
      return { url, headers, body: JSON.stringify({ timestamp: seconds, sign, ...message }) }
    }
    // In milliseconds, in the address: https://open.dingtalk.com/document/robots/customize-robot-security-settings
    case 'dingtalk': {
      if (!secret) return { url, headers, body }
      const timestamp = String(now.getTime())
      const signed = new URL(url)
      signed.searchParams.set('timestamp', timestamp)
      signed.searchParams.set('sign', hmac(secret, `${timestamp}\n${secret}`))
      return { url: signed.href, headers, body }
    }
    case 'slack':
    case 'wecom':
      return { url, headers, body }
  }
}

function hmac(key: string | Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64')
}
