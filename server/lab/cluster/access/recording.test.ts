import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ApiRequest, Handler } from '#server/lab/cluster/api/handler.ts'
import type { User } from '#server/lab/cluster/api/user.ts'
import type { Draft, KubeObject } from '#server/lab/cluster/client.ts'
import { objectsClient } from '#server/lab/cluster/testing/objects-client.ts'
import { accessReviewHandlers } from './access-reviews.ts'
import { authorize, forbiddenError } from './authorize.ts'
import { createBootstrapRoles } from './bootstrap-roles.ts'
import { rbacResources } from './rbac-resources.ts'

type Body = { kind: string; message?: string; spec?: object; status?: object } & Draft
type Exchange = {
  note?: string
  request: { method: string; path: string; body?: Body }
  response: { status: number; body: Body }
}

const recording = '../shared/kube-recordings/06-authorization.json'
const exchanges: Exchange[] = existsSync(recording)
  ? JSON.parse(readFileSync(recording, 'utf8')).exchanges
  : []

const reader: User = {
  username: 'system:serviceaccount:rec-a:reader',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:rec-a', 'system:authenticated'],
}
const ada: User = { username: 'ada', groups: ['system:authenticated'] }

/** A cluster as it is born, with the roles and bindings that the recording created. */
function recordedClient() {
  const objects: Record<string, KubeObject[]> = {}
  const client = objectsClient(objects)
  createBootstrapRoles(client)
  for (const { request, response } of exchanges) {
    const plural = request.path.split('/').at(-1) ?? ''
    if (request.method === 'POST' && (plural === 'roles' || plural === 'rolebindings')) {
      client.create(`${plural}.rbac.authorization.k8s.io`, response.body)
    }
  }
  return client
}

describe.runIf(exchanges.length > 0)('as a real cluster answered', () => {
  const client = recordedClient()
  const handlers = accessReviewHandlers(client)
  const reviews = exchanges.filter(
    ({ request, response }) =>
      response.status === 201 && /(access|rules)reviews$/.test(request.path),
  )
  test.each(reviews)('$request.body.kind $note', async ({ request, response }) => {
    const handler = handlers.find((one) => request.path.endsWith(`/${one.plural}`))
    expect(await answer(handler, request.body)).toEqual(response.body)
  })

  const refused = exchanges.filter(({ response }) => response.status === 403)
  test.each(refused)('$note', ({ note, request, response }) => {
    const user = note?.startsWith('impersonated') ? ada : reader
    const asked = attributesOf(request)
    const { allowed, reason } = authorize(client, user, asked)
    expect(allowed).toBe(false)
    expect(forbiddenError(user, asked, reason).toBody()).toEqual(response.body)
  })

  const bindings = exchanges.filter(({ request }) => request.path.endsWith('/rolebindings'))
  test.each(bindings)('a binding passes and gets its groups', ({ request, response }) => {
    const resource = rbacResources().find((one) => one.plural === 'rolebindings')
    const binding = structuredClone(request.body) as KubeObject
    const context = {
      client,
      user: undefined,
      verb: 'create',
      subresource: undefined,
      dryRun: false,
      now: '',
    } as const
    resource?.defaults?.(binding, context)
    expect(resource?.validate?.(binding, undefined, context)).toEqual([])
    expect(binding.subjects).toEqual(response.body.subjects)
  })
})

async function answer(handler: Handler | undefined, body: unknown): Promise<object> {
  // Reviews read nothing of a request but its body, its namespace and who asks.
  const request = {
    user: reader,
    namespace: undefined,
    body: async () => body,
  } as unknown as ApiRequest
  const reply = await handler?.handle(request)
  if (!reply || reply === 'written' || !('body' in reply)) throw new Error('no JSON answer')
  return JSON.parse(JSON.stringify(reply.body))
}

function attributesOf({ method, path }: Exchange['request']) {
  const [, group = '', version = 'v1', namespace, rest = ''] =
    /^\/(?:api|apis\/([^/]+))\/(v[^/]+)(?:\/namespaces\/([^/]+))?\/(.+)$/.exec(path) ?? []
  const [resource = '', name, subresource] = rest.split('/')
  const verb = method === 'POST' ? 'create' : name ? 'get' : 'list'
  return {
    verb,
    group,
    version,
    resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  }
}
