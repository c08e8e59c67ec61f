import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiCaller, apiCaller, eventually } from '#server/lab/cluster/contract/api-caller.ts'
import { type RunningCluster, startCluster } from '#server/lab/cluster/start-cluster.ts'

const group = '/apis/admissionregistration.k8s.io/v1'
const policies = `${group}/validatingadmissionpolicies`
let cluster: RunningCluster
let api: ApiCaller

beforeAll(async () => {
  cluster = await startCluster({ manifests: 'manifests/overlays/embedded' })
  api = apiCaller(cluster.url, { ca: cluster.ca }, cluster.adminToken)
})
afterAll(async () => {
  api.close()
  await cluster.close()
})

const checked = async (name: string) => {
  const { body } = await eventually(
    () => api.get(`${policies}/${name}`),
    (answer) => answer.body.status?.observedGeneration === answer.body.metadata.generation,
  )
  return body.status.typeChecking.expressionWarnings ?? []
}

test('none of our policies has a warning', async () => {
  const { body } = await api.get(policies)
  expect(body.items.length).toBeGreaterThan(4)
  for (const { metadata } of body.items)
    expect([metadata.name, await checked(metadata.name)]).toEqual([metadata.name, []])
})

test('an expression is checked against every kind that is matched, in the API server’s words', async () => {
  const rule = (apiGroup: string, resource: string) => ({
    apiGroups: [apiGroup],
    apiVersions: ['v1'],
    resources: [resource],
    operations: ['CREATE'],
  })
  const { status } = await api.post(policies, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'warned' },
    spec: {
      matchConstraints: {
        resourceRules: [rule('', 'services'), rule('discovery.k8s.io', 'endpointslices')],
      },
      variables: [{ name: 'name', expression: 'object.metadata.name' }],
      validations: [
        { expression: "object.spec.type == 'ExternalName'" },
        { expression: "oldObject == null || variables.name != 'x'" },
        { expression: 'variables.name == 1' },
      ],
    },
  })
  expect(status).toBe(201)
  const warnings = await checked('warned')
  expect(warnings.map((one: { fieldRef: string }) => one.fieldRef)).toEqual([
    'spec.validations[0].expression',
    'spec.validations[2].expression',
  ])
  expect(warnings[0].warning).toBe(
    "discovery.k8s.io/v1, Kind=EndpointSlice: ERROR: <input>:1:7: undefined field 'spec'\n | object.spec.type == 'ExternalName'\n | ......^\n",
  )
  expect(warnings[1].warning).toMatch(/no matching overload[\s\S]*no matching overload/)
})
