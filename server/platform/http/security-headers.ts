import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Config } from '#server/platform/config.ts'

/**
 * What every answer says about itself. Scripts run only with this answer's nonce, which Next reads from the request;
 * styles may be inline, as typeset mathematics places its parts with them.
 */
export function setSecurityHeaders(
  request: IncomingMessage,
  response: ServerResponse,
  config: Pick<Config, 'DEV' | 'OIDC_ISSUER'>,
  isSecure: boolean,
): void {
  const nonce = randomBytes(16).toString('base64')
  const policy = contentPolicy(nonce, config)
  request.headers['content-security-policy'] = policy
  response.setHeader('content-security-policy', policy)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('x-frame-options', 'DENY')
  response.setHeader('referrer-policy', 'same-origin')
  response.setHeader('cross-origin-opener-policy', 'same-origin')
  response.setHeader('cross-origin-resource-policy', 'same-origin')
  response.setHeader('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=()')
  if (isSecure) {
    response.setHeader('strict-transport-security', 'max-age=31536000')
  }
}

function contentPolicy(nonce: string, { DEV, OIDC_ISSUER }: Pick<Config, 'DEV' | 'OIDC_ISSUER'>) {
  // A form that signs in is redirected to the provider, which counts as where the form went.
  const provider = OIDC_ISSUER ? ` ${new URL(OIDC_ISSUER).origin}` : ''
  return [
    `default-src 'self'`,
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${DEV ? ` 'unsafe-eval'` : ''}`,
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data: blob:`,
    `font-src 'self' data:`,
    `connect-src 'self'${DEV ? ' ws: wss:' : ''}`,
    `worker-src 'self' blob:`,
    `form-action 'self'${provider}`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}
