import { ServiceAccount } from './kinds.ts'
import type { AccessQuestion, Kube } from './kube.ts'
import { pathOf } from './paths.ts'
import type { Transport } from './transport.ts'

type UserInfo = { username?: string; groups?: string[] }

type Review = {
  status?: {
    allowed?: boolean
    authenticated?: boolean
    audiences?: string[]
    user?: UserInfo
    userInfo?: UserInfo
    token?: string
    expirationTimestamp?: string
  }
}

/** The questions that are asked by creating an object: who is this, and may they. */
export function reviewsOf(
  transport: Transport,
): Pick<Kube, 'mayAccess' | 'reviewToken' | 'whoAmI' | 'requestToken'> {
  async function review(group: string, kind: string, spec: object): Promise<Review> {
    const plural = `${kind.toLowerCase()}s`
    return (await transport.call({
      method: 'POST',
      path: `/apis/${group}/v1/${plural}`,
      body: { apiVersion: `${group}/v1`, kind, spec },
      idempotent: true,
      asked: { verb: 'create', resource: `${plural}.${group}` },
    })) as Review
  }

  return {
    async mayAccess(question: AccessQuestion) {
      const { user, groups, ...resourceAttributes } = question
      // An empty user would be refused as malformed; nobody is nobody.
      if (!user) return false
      const spec = { user, groups, resourceAttributes }
      const { status } = await review('authorization.k8s.io', 'SubjectAccessReview', spec)
      return status?.allowed === true
    },

    async reviewToken(token, audience) {
      const spec = { token, audiences: [audience] }
      const { status } = await review('authentication.k8s.io', 'TokenReview', spec)
      // A server that does not know audiences answers authenticated without them: not for us.
      if (status?.authenticated !== true || !status.audiences?.includes(audience)) return undefined
      const { username, groups = [] } = status.user ?? {}
      return username ? { user: username, groups } : undefined
    },

    async whoAmI() {
      const { status } = await review('authentication.k8s.io', 'SelfSubjectReview', {})
      return { user: status?.userInfo?.username ?? '', groups: status?.userInfo?.groups ?? [] }
    },

    async requestToken(account, { audience, expirationSeconds }) {
      const { status } = (await transport.call({
        method: 'POST',
        path: pathOf(ServiceAccount, { ...account, subresource: 'token' }),
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { audiences: [audience], expirationSeconds },
        },
        idempotent: true,
        asked: { verb: 'create', resource: 'serviceaccounts/token', ...account },
      })) as Review
      return { token: status?.token ?? '', expiresAt: status?.expirationTimestamp ?? '' }
    },
  }
}
