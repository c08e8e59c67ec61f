import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from './api-caller.ts'
import { openTarget, type Target } from './target-cluster.ts'

let target: Target
let path: string
const name = `contract-${randomUUID().slice(0, 8)}`
const group = '/apis/admissionregistration.k8s.io/v1'
const apiVersion = 'admissionregistration.k8s.io/v1'

beforeAll(async () => {
  target = await openTarget(process.env.KUBECONFIG)
  path = `/api/v1/namespaces/${target.namespace}/configmaps`
  const policy = await target.api.post(`${group}/validatingadmissionpolicies`, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: target.clusterWide(name),
    spec: {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      // Selected by what only this test's objects have: parameters are collected before any condition is looked at.
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': target.namespace } },
        objectSelector: { matchLabels: { contract: name } },
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            resources: ['configmaps'],
            operations: ['CREATE', 'UPDATE'],
          },
        ],
      },
      matchConditions: [{ name: 'claimed', expression: "object.metadata.name != 'unconditional'" }],
      variables: [
        {
          name: 'owner',
          expression:
            "has(object.metadata.annotations) && 'owner' in object.metadata.annotations ? object.metadata.annotations['owner'] : ''",
        },
      ],
      validations: [
        {
          expression: "variables.owner == '' || variables.owner == request.userInfo.username",
          message: 'owner is who writes it',
        },
        {
          expression: "params.data.may == 'yes'",
          messageExpression: "'owners are ' + params.data.may",
        },
      ],
    },
  })
  expect(policy.status).toBe(201)
  await target.api.post(`${group}/validatingadmissionpolicybindings`, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: target.clusterWide(name),
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      paramRef: { name: 'owners', namespace: target.namespace, parameterNotFoundAction: 'Deny' },
    },
  })
  await setOwners('POST', 'yes')
})
afterAll(() => target.close())

async function setOwners(method: 'POST' | 'PATCH', may: string): Promise<void> {
  const owners = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'owners' },
    data: { may },
  }
  const { status } =
    method === 'POST'
      ? await target.api.post(path, owners)
      : await target.api.patch(`${path}/owners`, owners, {
          contentType: 'application/merge-patch+json',
        })
  expect(status).toBeLessThan(300)
}

test('a bound policy refuses what its expression does not hold for', async () => {
  const create = (annotations: object) =>
    target.api.post(`${path}?dryRun=All`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'claimed', annotations, labels: { contract: name } },
    })
  // A real cluster takes a moment to learn of a policy.
  const refused = await eventually(
    () => create({ owner: 'somebody-else' }),
    ({ status }) => status !== 201,
  )
  expect([refused.status, refused.body.reason]).toEqual([422, 'Invalid'])
  expect(refused.body.message).toContain(
    `ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: owner is who writes it`,
  )
  expect((await create({ other: 'x' })).status).toBe(201)
})

test('a policy reads the ConfigMap that its binding names, as it is now', async () => {
  const create = (called = 'plain', labels: object = { contract: name }) =>
    target.api.post(`${path}?dryRun=All`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: called, labels },
    })
  expect((await create()).status).toBe(201)
  await setOwners('PATCH', 'no')
  const refused = await eventually(
    () => create(),
    ({ status }) => status !== 201,
  )
  expect(refused.body.message).toContain('denied request: owners are no')
  expect((await create('unconditional')).status).toBe(201)
  await target.api.delete(`${path}/owners`)
  const lost = await eventually(
    () => create(),
    ({ body }) => /no params found/.test(body.message),
  )
  expect(lost.status).toBe(422)
  // Before any condition; only what is not selected is left alone.
  expect((await create('unconditional')).body.message).toMatch(/no params found/)
  expect((await create('plain', {})).status).toBe(201)
})
