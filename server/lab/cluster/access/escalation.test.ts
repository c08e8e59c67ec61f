import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { User } from '#server/lab/cluster/api/user.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { objectsClient } from '#server/lab/cluster/testing/objects-client.ts'
import { authorize } from './authorize.ts'
import { admitRole } from './escalation.ts'
import type { PolicyRule } from './rbac-objects.ts'

const ada: User = { username: 'ada', groups: [] }

function object(kind: string, name: string, fields: object): KubeObject {
  const metadata = { name, namespace: 'n', uid: '', resourceVersion: '', creationTimestamp: '' }
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata, ...fields }
}

function clientOf(rules: PolicyRule[]) {
  return objectsClient({
    'roles.rbac.authorization.k8s.io': [object('Role', 'held', { rules })],
    'rolebindings.rbac.authorization.k8s.io': [
      object('RoleBinding', 'held', {
        roleRef: { kind: 'Role', name: 'held' },
        subjects: [{ kind: 'User', name: 'ada' }],
      }),
    ],
  })
}

function some(...values: string[]) {
  return fc.subarray(values, { minLength: 1, maxLength: 2 })
}

const rule: fc.Arbitrary<PolicyRule> = fc.record({
  verbs: some('get', 'list', '*'),
  apiGroups: some('', 'apps', '*'),
  resources: some('pods', 'pods/log', '*/log', 'secrets', '*'),
  resourceNames: fc.oneof(fc.constant<string[]>([]), some('a', 'b')),
})

function* questions() {
  for (const verb of ['get', 'list', 'delete']) {
    for (const group of ['', 'apps', 'other']) {
      for (const [resource, subresource] of [
        ['pods'],
        ['pods', 'log'],
        ['secrets'],
        ['jobs', 'log'],
        ['jobs'],
      ]) {
        for (const name of [undefined, 'a', 'b', 'c']) {
          yield {
            verb,
            group,
            version: 'v1',
            resource: resource ?? '',
            ...(subresource ? { subresource } : {}),
            namespace: 'n',
            ...(name ? { name } : {}),
          }
        }
      }
    }
  }
}

function isAdmitted(held: PolicyRule[], wanted: PolicyRule[]): boolean {
  try {
    admitRole(object('Role', 'new', { rules: wanted }), undefined, {
      client: clientOf(held),
      user: ada,
    })
    return true
  } catch {
    return false
  }
}

test('a role that is admitted allows nothing that its author was not allowed', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 3 }),
      fc.array(rule, { maxLength: 2 }),
      (held, wanted) => {
        if (!isAdmitted(held, wanted)) return
        const before = clientOf(held)
        const after = clientOf(wanted)
        for (const asked of questions()) {
          if (authorize(after, ada, asked).allowed) {
            expect(authorize(before, ada, asked)).toMatchObject({ allowed: true })
          }
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('what one holds one may hand on, in whole and in part', () => {
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 3 }), (held) => {
      expect(isAdmitted(held, held)).toBe(true)
      expect(
        isAdmitted(
          held,
          held.map((one) => ({ ...one, verbs: one.verbs?.slice(0, 1) })),
        ),
      ).toBe(true)
    }),
  )
})
