import { z } from 'zod'
import type { ApiRequest, Handler, Reply } from '#server/lab/cluster/api/handler.ts'
import { badRequest } from '#server/lab/cluster/api/status.ts'
import type { User } from '#server/lab/cluster/api/user.ts'
import { findStaticUser, type StaticTokens } from './authenticate.ts'
import { parseBody } from './parse-body.ts'
import type { TokenAuthority, VerifiedToken } from './service-account-tokens.ts'

const group = 'authentication.k8s.io'

const tokenReview = z.object({
  metadata: z.looseObject({}).optional(),
  spec: z
    .object({ token: z.string().optional(), audiences: z.array(z.string()).nullish() })
    .default({}),
})

/** `TokenReview`: whose token is this, and for which audiences; `SelfSubjectReview`: who am I. */
export function tokenReviewHandlers(tokens: StaticTokens, authority: TokenAuthority): Handler[] {
  const base = { group, version: 'v1', verbs: ['create'], namespaced: false }
  return [
    {
      ...base,
      plural: 'tokenreviews',
      kind: 'TokenReview',
      handle: (request) => reviewToken(tokens, authority, request),
    },
    {
      ...base,
      plural: 'selfsubjectreviews',
      kind: 'SelfSubjectReview',
      handle: ({ user }) => ({
        status: 201,
        body: {
          kind: 'SelfSubjectReview',
          apiVersion: `${group}/v1`,
          metadata: { creationTimestamp: null },
          status: { userInfo: userInfo(user) },
        },
      }),
    },
  ]
}

async function reviewToken(
  tokens: StaticTokens,
  authority: TokenAuthority,
  request: ApiRequest,
): Promise<Reply> {
  const { metadata, spec } = parseBody(tokenReview, await request.body(), 'TokenReview')
  if (!spec.token) throw badRequest('token is required for TokenReview in authentication')
  const wanted = spec.audiences?.length ? spec.audiences : [authority.issuer]
  const verified = await verify(tokens, authority, spec.token)
  const status = statusOf(verified, wanted)
  const body = {
    kind: 'TokenReview',
    apiVersion: `${group}/v1`,
    metadata: metadata ?? {},
    spec,
    status,
  }
  return { status: 201, body }
}

async function verify(
  tokens: StaticTokens,
  authority: TokenAuthority,
  token: string,
): Promise<VerifiedToken | undefined> {
  const fixed = findStaticUser(tokens, token)
  // A fixed token knows no audience: it is meant for the API itself.
  if (fixed) return { user: fixed, audiences: [authority.issuer] }
  return authority.verify(token)
}

function statusOf(verified: VerifiedToken | undefined, wanted: string[]): object {
  if (!verified) return { user: {}, error: 'invalid bearer token' }
  const audiences = wanted.filter((one) => verified.audiences.includes(one))
  if (audiences.length > 0) {
    return { authenticated: true, user: userInfo(verified.user), audiences }
  }
  const mismatch = `token audiences ${goList(verified.audiences)} is invalid for the target audiences ${goList(wanted)}`
  return { user: {}, error: `[invalid bearer token, ${mismatch}]` }
}

function goList(values: string[]): string {
  return `[${values.map((one) => JSON.stringify(one)).join(' ')}]`
}

function userInfo({ username, uid, groups, extra }: User): object {
  return { username, ...(uid ? { uid } : {}), groups, ...(extra ? { extra } : {}) }
}
