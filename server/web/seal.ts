import { decode, encode, type JWT } from 'next-auth/jwt'
import type { Config } from '#server/config.ts'

export type Seal = {
  close(content: Record<string, unknown>, maxAgeSeconds: number, salt?: string): Promise<string>
  /** What it holds; undefined for what was sealed by another, is over or was forged. */
  open(sealed: string | undefined, salt?: string): Promise<JWT | undefined>
}

/** Seals with the secret of now, and reads what one of the secrets before it has sealed: so it can be changed. */
export function createSeal(config: Pick<Config, 'NEXTAUTH_SECRET' | 'NEXTAUTH_SECRETS_OLD'>): Seal {
  const secret = sessionSecret(config)
  const secrets = [secret, ...config.NEXTAUTH_SECRETS_OLD]
  return {
    close: (token, maxAge, salt) => encode({ token, secret, maxAge, salt }),
    async open(token, salt) {
      if (!token) return undefined
      for (const one of secrets) {
        const held = await decode({ token, secret: one, salt }).catch(() => undefined)
        if (held) return held
      }
      return undefined
    },
  }
}

/** Several replicas read each other's sessions, so the secret is given, never invented. */
export function sessionSecret({ NEXTAUTH_SECRET }: Pick<Config, 'NEXTAUTH_SECRET'>): string {
  if (NEXTAUTH_SECRET) return NEXTAUTH_SECRET
  throw new Error(
    'NEXTAUTH_SECRET is not set: it seals the sessions; give at least 32 random characters.',
  )
}
