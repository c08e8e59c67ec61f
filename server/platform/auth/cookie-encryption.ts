import { hkdfSync } from 'node:crypto'
import { EncryptJWT, type JWTPayload, jwtDecrypt } from 'jose'
import type { Config } from '#server/platform/config.ts'

export type CookieEncryption = {
  close(content: Record<string, unknown>, maxAgeSeconds: number): Promise<string>
  /** What it holds; undefined where no secret that is set opens it, it has expired or was forged. */
  open(sealed: string | undefined): Promise<JWTPayload | undefined>
}

const salt = 'provider tokens'

/**
 * Encrypts what the provider gave for the database (JWE, dir, A256GCM, keys by HKDF-SHA-256). Closes with the current
 * secret and opens what earlier ones closed, so that the secret can be changed.
 */
export function createCookieEncryption(
  config: Pick<Config, 'NEXTAUTH_SECRET' | 'NEXTAUTH_SECRETS_OLD'>,
): CookieEncryption {
  const current = keyOf(sessionSecret(config))
  const keys = [current, ...config.NEXTAUTH_SECRETS_OLD.map(keyOf)]
  return {
    close: (content, maxAgeSeconds) =>
      new EncryptJWT(content)
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setIssuedAt()
        .setExpirationTime(`${maxAgeSeconds}s`)
        .encrypt(current),
    async open(sealed) {
      if (!sealed) return undefined
      for (const key of keys) {
        const opened = await jwtDecrypt(sealed, key, options).catch(() => undefined)
        if (opened) return opened.payload
      }
      return undefined
    },
  }
}

const options = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }

/** The derivation of next-auth 4, which sealed the tokens of earlier releases. */
function keyOf(secret: string): Uint8Array {
  const info = `NextAuth.js Generated Encryption Key (${salt})`
  return new Uint8Array(hkdfSync('sha256', secret, salt, info, 32))
}

/** Several replicas read each other's sessions, so the secret is given, never invented. */
export function sessionSecret({ NEXTAUTH_SECRET }: Pick<Config, 'NEXTAUTH_SECRET'>): string {
  if (NEXTAUTH_SECRET) return NEXTAUTH_SECRET
  throw new Error(
    'NEXTAUTH_SECRET is not set: it encrypts sessions; give at least 32 random characters.',
  )
}
