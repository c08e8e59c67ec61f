import { z } from 'zod'
import type { ApiRequest, Handler, Reply } from '#server/lab/cluster/api/handler.ts'
import { badRequest, invalid } from '#server/lab/cluster/api/status.ts'
import type { Attributes, User } from '#server/lab/cluster/api/user.ts'
import type { ClusterClient } from '#server/lab/cluster/client.ts'
import { type Cause, invalidValue } from '#server/lab/cluster/crd/causes.ts'
import { authorize, mastersGroup } from './authorize.ts'
import { listClusterRoleBindings } from './bootstrap-roles.ts'
import { parseBody } from './parse-body.ts'
import type { PolicyRule } from './rbac-objects.ts'
import { rulesFor } from './rules.ts'

const group = 'authorization.k8s.io'

const resourceAttributes = z.object({
  namespace: z.string().optional(),
  verb: z.string().optional(),
  group: z.string().optional(),
  version: z.string().optional(),
  resource: z.string().optional(),
  subresource: z.string().optional(),
  name: z.string().optional(),
})

const review = z.object({
  metadata: z.object({ namespace: z.string().optional() }).loose().optional(),
  spec: z
    .object({
      resourceAttributes: resourceAttributes.nullish(),
      nonResourceAttributes: z
        .object({ path: z.string().optional(), verb: z.string().optional() })
        .nullish(),
      user: z.string().optional(),
      groups: z.array(z.string()).nullish(),
      uid: z.string().optional(),
      extra: z.record(z.string(), z.array(z.string())).nullish(),
    })
    .default({}),
})

type Spec = z.infer<typeof review>['spec']

/** The questions about rights that anybody may ask of the API: `kubectl auth can-i` and its kin. */
export function accessReviewHandlers(client: ClusterClient): Handler[] {
  const base = { group, version: 'v1', verbs: ['create'], namespaced: false }
  return [
    {
      ...base,
      plural: 'subjectaccessreviews',
      kind: 'SubjectAccessReview',
      handle: (request) => answer(client, request, 'SubjectAccessReview'),
    },
    {
      ...base,
      namespaced: true,
      plural: 'localsubjectaccessreviews',
      kind: 'LocalSubjectAccessReview',
      handle: (request) => answer(client, request, 'LocalSubjectAccessReview'),
    },
    {
      ...base,
      plural: 'selfsubjectaccessreviews',
      kind: 'SelfSubjectAccessReview',
      handle: (request) => answer(client, request, 'SelfSubjectAccessReview'),
    },
    {
      ...base,
      plural: 'selfsubjectrulesreviews',
      kind: 'SelfSubjectRulesReview',
      handle: (request) => listRules(client, request),
    },
  ]
}

async function answer(client: ClusterClient, request: ApiRequest, kind: string): Promise<Reply> {
  const { metadata, spec } = parseBody(review, await request.body(), kind)
  const isSelf = kind === 'SelfSubjectAccessReview'
  const causes = [...(isSelf ? [] : subjectCauses(spec)), ...attributeCauses(spec)]
  if (causes.length > 0) throw invalid({ group, kind: '' }, '', causes)
  if (kind === 'LocalSubjectAccessReview') {
    if (spec.resourceAttributes?.namespace !== request.namespace) {
      throw badRequest(
        `spec.resourceAttributes.namespace must match namespace: ${request.namespace}`,
      )
    }
  }
  const user = isSelf ? request.user : subjectOf(spec)
  const { allowed, reason } = authorize(client, user, attributesOf(spec))
  const status = { allowed, ...(reason === '' ? {} : { reason }) }
  const body = { kind, apiVersion: `${group}/v1`, metadata: metadata ?? {}, spec, status }
  return { status: 201, body }
}

function subjectCauses(spec: Spec): Cause[] {
  if (spec.user || (spec.groups && spec.groups.length > 0)) return []
  return [
    invalidValue('spec.user', spec.user ?? '', 'at least one of user or group must be specified'),
  ]
}

function attributeCauses({
  resourceAttributes: resource,
  nonResourceAttributes: other,
}: Spec): Cause[] {
  if (resource && other) {
    const detail = 'cannot be specified in combination with resourceAttributes'
    return [invalidValue('spec.nonResourceAttributes', other, detail)]
  }
  if (resource || other) return []
  const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  return [invalidValue('spec.resourceAttributes', null, detail)]
}

function subjectOf({ user = '', groups, uid, extra }: Spec): User {
  return {
    username: user,
    groups: groups ?? [],
    ...(uid ? { uid } : {}),
    ...(extra ? { extra } : {}),
  }
}

function attributesOf({
  resourceAttributes: asked,
  nonResourceAttributes: other,
}: Spec): Attributes {
  if (!asked) return { verb: other?.verb ?? '', path: other?.path ?? '' }
  return {
    verb: asked.verb ?? '',
    group: asked.group ?? '',
    version: asked.version ?? '',
    resource: asked.resource ?? '',
    ...(asked.subresource ? { subresource: asked.subresource } : {}),
    ...(asked.namespace ? { namespace: asked.namespace } : {}),
    ...(asked.name ? { name: asked.name } : {}),
  }
}

const rulesReview = z.object({ spec: z.object({ namespace: z.string().optional() }).default({}) })

async function listRules(client: ClusterClient, request: ApiRequest): Promise<Reply> {
  const kind = 'SelfSubjectRulesReview'
  const { spec } = parseBody(rulesReview, await request.body(), kind)
  if (!spec.namespace) throw badRequest('no namespace on request')
  const all: PolicyRule[] = []
  if (request.user.groups.includes(mastersGroup)) {
    all.push(
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    )
  }
  const missing: string[] = []
  const bindings = listClusterRoleBindings(client)
  for (const applied of rulesFor(client, request.user, spec.namespace, bindings)) {
    if ('missing' in applied) missing.push(applied.missing)
    else all.push(applied.rule)
  }
  const status = {
    resourceRules: all.filter((one) => one.resources?.length).map(resourceRule),
    nonResourceRules: all
      .filter((one) => one.nonResourceURLs?.length)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: missing.length > 0,
    ...(missing.length > 0 ? { evaluationError: missing.join(', ') } : {}),
  }
  const body = { kind, apiVersion: `${group}/v1`, metadata: {}, spec: {}, status }
  return { status: 201, body }
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): PolicyRule {
  return { verbs, apiGroups, resources, ...(resourceNames?.length ? { resourceNames } : {}) }
}
