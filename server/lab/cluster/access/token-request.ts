import { z } from 'zod'
import type { ApiRequest, Handler, Reply } from '#server/lab/cluster/api/handler.ts'
import { badRequest, conflict, invalid, notFound } from '#server/lab/cluster/api/status.ts'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { type Cause, invalidValue } from '#server/lab/cluster/crd/causes.ts'
import { parseBody } from './parse-body.ts'
import type { BoundObject, TokenAuthority, TokenGrant } from './service-account-tokens.ts'

const group = 'authentication.k8s.io'
const secondsMin = 600
const secondsMax = 2 ** 32

const reference = z.object({
  kind: z.string(),
  apiVersion: z.string().default('v1'),
  name: z.string(),
  uid: z.string().optional(),
})

const tokenRequest = z.object({
  spec: z
    .object({
      audiences: z.array(z.string()).nullish(),
      expirationSeconds: z.number().int().nullish(),
      boundObjectRef: reference.nullish(),
    })
    .default({}),
})

type Reference = z.infer<typeof reference>

/** `serviceaccounts/token`: a token for a ServiceAccount, for given audiences and a given time. */
export function tokenRequestHandler(client: ClusterClient, authority: TokenAuthority): Handler {
  return {
    group: '',
    version: 'v1',
    plural: 'serviceaccounts',
    subresource: 'token',
    kind: 'TokenRequest',
    kindGroup: group,
    kindVersion: 'v1',
    namespaced: true,
    verbs: ['create'],
    handle: (request) => requestToken(client, authority, request),
  }
}

async function requestToken(
  client: ClusterClient,
  authority: TokenAuthority,
  request: ApiRequest,
): Promise<Reply> {
  const { namespace = '', name = '' } = request
  const serviceAccount = client.find('serviceaccounts', namespace, name)
  if (!serviceAccount) {
    throw notFound({ group: '', plural: 'serviceaccounts', kind: 'ServiceAccount' }, name)
  }
  const { spec } = parseBody(tokenRequest, await request.body(), 'TokenRequest')
  const expirationSeconds = spec.expirationSeconds ?? 3600
  const causes = expirationCauses(expirationSeconds)
  if (causes.length > 0) throw invalid({ group, kind: 'TokenRequest' }, '', causes)
  const audiences = spec.audiences?.length ? spec.audiences : [authority.issuer]
  const bound = spec.boundObjectRef ? bind(client, serviceAccount, spec.boundObjectRef) : {}
  const grant: TokenGrant = { serviceAccount, audiences, expirationSeconds, ...bound }
  const { token, expires } = await authority.sign(grant)
  const { uid } = serviceAccount.metadata
  const body = {
    kind: 'TokenRequest',
    apiVersion: `${group}/v1`,
    metadata: { name, namespace, uid, creationTimestamp: rfc3339(new Date()) },
    spec: { audiences, expirationSeconds, boundObjectRef: spec.boundObjectRef ?? null },
    status: { token: request.dryRun ? '' : token, expirationTimestamp: rfc3339(expires) },
  }
  return { status: 201, body }
}

function expirationCauses(seconds: number): Cause[] {
  const field = 'spec.expirationSeconds'
  if (seconds < secondsMin) {
    return [invalidValue(field, seconds, 'may not specify a duration less than 10 minutes')]
  }
  if (seconds > secondsMax) {
    return [invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
  }
  return []
}

function bind(
  client: ClusterClient,
  serviceAccount: KubeObject,
  ref: Reference,
): Pick<TokenGrant, 'boundTo' | 'node'> {
  const plural = ref.apiVersion === 'v1' ? boundKinds[ref.kind] : undefined
  if (plural === undefined) {
    throw badRequest(`cannot bind token to object of type ${ref.apiVersion}, Kind=${ref.kind}`)
  }
  const resource = { group: '', plural, kind: ref.kind }
  const object = client.find(plural, serviceAccount.metadata.namespace, ref.name)
  if (!object) throw notFound(resource, ref.name)
  const { uid } = object.metadata
  if (ref.uid && ref.uid !== uid) {
    const why = `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`
    throw conflict(resource, ref.name, why)
  }
  const boundTo: BoundObject = { kind: ref.kind, apiVersion: 'v1', name: ref.name, uid }
  if (ref.kind !== 'Pod') return { boundTo }
  if (object.spec?.serviceAccountName !== serviceAccount.metadata.name) {
    throw badRequest(
      `cannot bind token for serviceaccount "${serviceAccount.metadata.name}" to pod running with different serviceaccount name.`,
    )
  }
  const nodeName: unknown = object.spec?.nodeName
  if (typeof nodeName !== 'string' || nodeName === '') return { boundTo }
  const nodeUid = client.find('nodes', undefined, nodeName)?.metadata.uid
  return { boundTo, node: { name: nodeName, ...(nodeUid ? { uid: nodeUid } : {}) } }
}

const boundKinds: Record<string, string> = { Pod: 'pods', Secret: 'secrets' }

function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
