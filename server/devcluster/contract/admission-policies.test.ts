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
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            resources: ['configmaps'],
            operations: ['CREATE', 'UPDATE'],
          },
        ],
      },
      matchConditions: [
        { name: 'ours', expression: `object.metadata.namespace == '${target.namespace}'` },
      ],
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
      ],
    },
  })
  expect(policy.status).toBe(201)
  await target.api.post(`${group}/validatingadmissionpolicybindings`, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  })
})
afterAll(async () => {
  await target.api.delete(`${group}/validatingadmissionpolicybindings/${name}`)
  await target.api.delete(`${group}/validatingadmissionpolicies/${name}`)
  await target.close()
})

test('a bound policy refuses what its expression does not hold for', async () => {
  const create = (annotations: object) =>
    target.api.post(`${path}?dryRun=All`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'claimed', annotations },
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
