import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import type { AppError } from '#server/platform/model/errors.ts'
import { bodyOf, sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { connectKube } from './connect-kube.ts'
import { ConfigMap, Namespace } from './kinds.ts'

let stop: (() => Promise<void>) | undefined
afterEach(async () => {
  await stop?.()
  stop = undefined
})

async function kubeOver(handle: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const server = await startScripted(handle)
  const times = { retryBaseMs: 1, callMs: 500 }
  const kube = connectKube({ kubeconfigText: server.kubeconfig, times })
  stop = async () => {
    await kube.close()
    await server.close()
  }
  return { kube, server }
}

function status(code: number, reason: string, message: string, details?: object) {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, details, code }
}

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'n', name: 'a' } }

test('a read survives connections that are cut and answers that are 503', async () => {
  let calls = 0
  const { kube } = await kubeOver((request, response) => {
    calls++
    if (calls === 1) return request.socket.destroy()
    if (calls === 2) return sendJson(response, 503, status(503, 'ServiceUnavailable', 'no'))
    return sendJson(response, 200, configMap)
  })
  expect((await kube.get(ConfigMap, { namespace: 'n', name: 'a' })).metadata.name).toBe('a')
  expect(calls).toBe(3)
})

test('a create is not repeated after its connection was cut', async () => {
  let calls = 0
  const { kube } = await kubeOver((request) => {
    calls++
    request.socket.destroy()
  })
  await expect(kube.create(ConfigMap, configMap)).rejects.toMatchObject({ code: 'unavailable' })
  expect(calls).toBe(1)
})

test('an answer that never comes is a timeout', async () => {
  const { kube } = await kubeOver(() => {})
  await expect(kube.create(ConfigMap, configMap)).rejects.toMatchObject({ code: 'timeout' })
})

test('find: undefined for a missing object, an error for a missing kind', async () => {
  const { kube } = await kubeOver((request, response) => {
    const details = request.url?.endsWith('/gone') ? { name: 'gone', kind: 'configmaps' } : {}
    sendJson(response, 404, status(404, 'NotFound', 'not found', details))
  })
  expect(await kube.find(ConfigMap, { namespace: 'n', name: 'gone' })).toBeUndefined()
  await expect(kube.find(ConfigMap, { namespace: 'n', name: 'a' })).rejects.toMatchObject({
    code: 'unavailable',
    details: { key: 'kube.kindNotServed' },
  })
})

test('conflicts are told apart', async () => {
  const answers = [
    status(409, 'AlreadyExists', 'configmaps "a" already exists', { name: 'a' }),
    status(409, 'Conflict', 'the object has been modified', { name: 'a' }),
    status(409, 'Conflict', 'Apply failed with 1 conflict', {
      causes: [
        { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.x' },
      ],
    }),
  ]
  const { kube } = await kubeOver((_, response) => sendJson(response, 409, answers.shift()))
  const keys = []
  const asks = [
    () => kube.create(ConfigMap, configMap),
    () => kube.replace(ConfigMap, configMap),
    () => kube.apply(ConfigMap, configMap, { fieldManager: 'two' }),
  ]
  let last: AppError | undefined
  for (const ask of asks) {
    last = await ask().then(
      () => undefined,
      (error: AppError) => error,
    )
    keys.push(last?.details.key)
  }
  expect(keys).toEqual(['kube.alreadyExists', 'kube.conflict', 'kube.fieldConflict'])
  expect(last?.details.fields).toEqual([{ field: '.data.x', message: 'conflict with "one"' }])
})

test('what is not valid names its fields', async () => {
  const causes = [
    { reason: 'FieldValueInvalid', field: 'spec.size', message: 'must be smaller' },
    { reason: 'FieldValueInvalid', field: '<nil>', message: 'some rules were not checked' },
  ]
  const answer = status(422, 'Invalid', 'is invalid', { name: 'a', causes })
  const { kube } = await kubeOver((_, response) => sendJson(response, 422, answer))
  await expect(kube.create(ConfigMap, configMap)).rejects.toMatchObject({
    code: 'unprocessable',
    details: { fields: [{ field: 'spec.size', message: 'must be smaller' }] },
  })
})

test('our own credentials refused never reads as the person not being signed in', async () => {
  const { kube } = await kubeOver((_, response) =>
    sendJson(response, 401, status(401, 'Unauthorized', 'Unauthorized')),
  )
  await expect(kube.list(Namespace)).rejects.toMatchObject({
    code: 'unavailable',
    details: { key: 'kube.credentials' },
  })
})

test('names cannot climb out of their path', async () => {
  const { kube, server } = await kubeOver((_, response) => sendJson(response, 200, {}))
  for (const name of ['..', '.', '', 'a/b', 'a%2fb', 'a?x', 'a#x', 'a b']) {
    const asked = kube.get(ConfigMap, { namespace: 'n', name })
    await expect(asked).rejects.toMatchObject({ code: 'bad-request' })
  }
  expect(server.requests).toEqual([])
})

test('lists are read in pages; a continuation that expired starts again in one piece', async () => {
  const page = (name: string, next?: string) => ({
    metadata: { resourceVersion: '7', continue: next },
    items: [{ metadata: { name } }],
  })
  const { kube, server } = await kubeOver((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams
    if (query.get('continue') === 'two') {
      return sendJson(response, 410, status(410, 'Expired', 'the continue parameter is too old'))
    }
    if (query.get('limit')) return sendJson(response, 200, page('a', 'two'))
    return sendJson(response, 200, {
      ...page('a'),
      items: [...page('a').items, ...page('b').items],
    })
  })
  const listed = await kube.list(Namespace)
  expect(listed.map((one) => [one.kind, one.metadata.name])).toEqual([
    ['Namespace', 'a'],
    ['Namespace', 'b'],
  ])
  expect(server.requests).toHaveLength(3)
})

test('writes carry their media types, dry run and preconditions', async () => {
  const seen: unknown[] = []
  const { kube } = await kubeOver(async (request, response) => {
    const body = await bodyOf(request)
    seen.push([request.method, request.url, request.headers['content-type'], JSON.parse(body)])
    sendJson(response, 200, configMap)
  })
  const ref = { namespace: 'n', name: 'a' }
  await kube.apply(ConfigMap, configMap, { fieldManager: 'm', force: true, dryRun: true })
  await kube.patch(ConfigMap, ref, [{ op: 'test' }], { type: 'json', subresource: 'status' })
  await kube.remove(ConfigMap, ref, { uid: 'u', propagation: 'Foreground' })
  const path = '/api/v1/namespaces/n/configmaps/a'
  const deletion = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' }
  expect(seen).toEqual([
    [
      'PATCH',
      `${path}?fieldManager=m&force=true&dryRun=All`,
      'application/apply-patch+yaml',
      configMap,
    ],
    ['PATCH', `${path}/status`, 'application/json-patch+json', [{ op: 'test' }]],
    ['DELETE', path, 'application/json', { ...deletion, preconditions: { uid: 'u' } }],
  ])
})

test('twenty lists at once share a few connections', async () => {
  const { kube, server } = await kubeOver((_, response) =>
    sendJson(response, 200, { metadata: {}, items: [] }),
  )
  for (let round = 0; round < 20; round++) await kube.list(Namespace)
  expect(server.connections()).toBeLessThanOrEqual(2)
})

test('a token is one for us where the API server says both that it is one and that it is for us', async () => {
  const user = { username: 'system:serviceaccount:a:b', groups: ['g'] }
  const audiences = ['bindery']
  let answered: object = {}
  const { kube } = await kubeOver((_, response) =>
    sendJson(response, 201, { kind: 'TokenReview', status: answered }),
  )
  const account = { user: user.username, groups: user.groups }
  for (const [status, told] of [
    [{ authenticated: true, audiences, user }, account],
    // A server that does not know audiences.
    [{ authenticated: true, user }, undefined],
    [{ authenticated: true, audiences: ['https://kubernetes.default.svc'], user }, undefined],
    [{ authenticated: false, audiences, user }, undefined],
    [{ audiences, user }, undefined],
    [{ authenticated: true, audiences, user: {} }, undefined],
  ] as const) {
    answered = status
    expect(await kube.reviewToken('a.b.c', 'bindery')).toEqual(told)
  }
})

test('only a plain yes lets anybody do anything', async () => {
  let answered: object = {}
  const { kube } = await kubeOver((_, response) =>
    sendJson(response, 201, { kind: 'SubjectAccessReview', status: answered }),
  )
  const question = { user: 'ada', groups: [], verb: 'get', group: '', resource: 'pods' }
  for (const [status, may] of [
    [{ allowed: true }, true],
    [{ allowed: false }, false],
    [{ denied: true }, false],
    [{ evaluationError: 'the webhook is away' }, false],
  ] as const) {
    answered = status
    expect(await kube.mayAccess(question)).toBe(may)
  }
  answered = { allowed: true }
  expect(await kube.mayAccess({ ...question, user: '' })).toBe(false)
})
