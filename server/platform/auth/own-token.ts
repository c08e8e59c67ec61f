import type { Kube } from '#server/platform/kube/kube.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { gatewayAudience } from '#server/platform/model/names.ts'

const lifeSeconds = 3600
const renewAtPart = 0.8

/** Gives our own ServiceAccount's token for the gateway, asked for once and renewed before it ends. */
export function createOwnToken(kube: Pick<Kube, 'whoAmI' | 'requestToken'>): () => Promise<string> {
  let held: { until: number; token: Promise<string> } | undefined

  async function ask(): Promise<{ token: string; lifeMs: number }> {
    const { user } = await kube.whoAmI()
    const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? []
    if (!namespace || !name) {
      throw new AppError('internal', `The web must run as a ServiceAccount, not as ${user}.`)
    }
    const { token, expiresAt } = await kube.requestToken(
      { namespace, name },
      { audience: gatewayAudience, expirationSeconds: lifeSeconds },
    )
    return { token, lifeMs: Date.parse(expiresAt) - Date.now() }
  }

  return () => {
    if (held && held.until > performance.now()) return held.token
    const asked = ask()
    const next = { until: Number.POSITIVE_INFINITY, token: asked.then(({ token }) => token) }
    held = next
    asked.then(
      ({ lifeMs }) => {
        next.until = performance.now() + lifeMs * renewAtPart
      },
      () => {
        if (held === next) held = undefined
      },
    )
    return next.token
  }
}
